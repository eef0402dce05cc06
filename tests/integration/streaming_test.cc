// SPDX-License-Identifier: Apache-2.0
// Streams and coroutines through the public API.

#include <gtest/gtest.h>

#include <condition_variable>
#include <coroutine>
#include <mutex>

#include "integration/yaml_mesh.h"

namespace meshlib::integration {
namespace {

// Answers every chunk of the request body as it comes, back-pressure both ways.
class EchoStream final : public ServerStreamHandler {
 public:
  explicit EchoStream(ServerStream& stream) : stream_(stream) {
    stream_.SendHead(HttpResponse{.status = 200});
  }
  void OnBody(std::string_view bytes) override {
    if (!stream_.Write(bytes)) stream_.PauseReading();
  }
  void OnWritable() override { stream_.ResumeReading(); }
  void OnEnd(const Headers& trailers) override { stream_.Finish(trailers); }
  void OnClosed(const absl::Status&) override {}

 private:
  ServerStream& stream_;
};

class StreamingTest : public ::testing::Test {
 protected:
  StreamingTest() {
    directory_.Write("empty.yaml", "");
    mesh_ = StartMesh(directory_, log_);
    server_ = mesh_
                  ->ServeHttpStreams({.address = "127.0.0.1", .mesh = false},
                                     [](const HttpRequest&, ServerStream& stream) {
                                       return std::make_unique<EchoStream>(stream);
                                     })
                  .value();
  }

  YamlDirectory directory_;
  LogLines log_;
  std::unique_ptr<Mesh> mesh_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(StreamingTest, ABlockingStreamEchoesMoreThanAnyBufferHolds) {
  HttpRequest request;
  request.method = "POST";
  request.url = "http://" + server_->address() + "/";
  auto stream = mesh_->http().OpenBlocking(request, {});
  ASSERT_TRUE(stream.ok()) << stream.status();
  const std::string chunk(64 * 1024, 'x');
  std::string buffer(chunk.size(), '\0');
  size_t received = 0;
  constexpr int kChunks = 64;
  for (int i = 0; i < kChunks; ++i) {
    ASSERT_TRUE((*stream)->Write(chunk).ok());
    if (i == 0) {
      auto head = (*stream)->ReadHead();
      ASSERT_TRUE(head.ok()) << head.status();
      EXPECT_EQ((*head)->status, 200);
    }
    for (size_t wanted = chunk.size(); wanted > 0;) {
      auto got = (*stream)->Read(buffer.data(), wanted);
      ASSERT_TRUE(got.ok()) << got.status();
      ASSERT_GT(*got, 0u);
      wanted -= *got;
      received += *got;
    }
  }
  ASSERT_TRUE((*stream)->Finish().ok());
  EXPECT_EQ((*stream)->Read(buffer.data(), buffer.size()).value(), 0u);
  EXPECT_EQ(received, kChunks * chunk.size());
}

// A coroutine that nobody awaits; it tells its end.
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};

TEST_F(StreamingTest, ACoroutineAwaitsItsCall) {
  auto peer = StartPeer(*mesh_, "hello");
  HttpExchange exchange;
  exchange.request.url = "http://" + peer->address() + "/";
  std::mutex mutex;
  std::condition_variable done_changed;
  bool done = false;
  [](Mesh& mesh, HttpExchange& one, std::mutex& m, std::condition_variable& changed,
     bool& ended) -> Detached {
    const absl::Status status = co_await mesh.http().Await(one);
    std::lock_guard<std::mutex> lock(m);
    ended = status.ok();
    changed.notify_all();
  }(*mesh_, exchange, mutex, done_changed, done);
  std::unique_lock<std::mutex> lock(mutex);
  EXPECT_TRUE(done_changed.wait_for(lock, std::chrono::seconds(10), [&] { return done; }));
  EXPECT_EQ(exchange.response.body, "hello");
}

}  // namespace
}  // namespace meshlib::integration
