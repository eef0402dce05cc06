// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "client/client_fixture.h"

namespace meshlib::client {
namespace {

using fake::PeerConnection;
using fake::ScriptedPeer;

// Records what a streaming Call tells, as text.
class Recorder final : public StreamHandler {
 public:
  void OnHead(const HttpResponse& response) override {
    Note("head " + std::to_string(response.status));
  }
  void OnBody(std::string_view bytes) override {
    std::lock_guard lock(mutex_);
    body_.append(bytes);
    changed_.notify_all();
  }
  void OnEnd(const Headers& trailers) override {
    Note("end" + std::string(trailers.empty() ? "" : " with trailers"));
  }
  void OnFailed(const absl::Status& status) override {
    const auto error = CallErrorOf(status);
    Note("failed " + (error ? std::string(error->flag()) : status.ToString()));
  }
  void OnWritable() override { Note("writable"); }

  std::string Await(const std::string& text) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(10),
                                  [&] { return log_.find(text) != std::string::npos; }))
        << "waited for " << text << ", got " << log_;
    return log_;
  }
  void AwaitBody(size_t size) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(10), [&] {
      return body_.size() >= size;
    })) << body_.size();
  }
  std::string log() {
    std::lock_guard lock(mutex_);
    return log_;
  }
  std::string body() {
    std::lock_guard lock(mutex_);
    return body_;
  }

 private:
  void Note(const std::string& text) {
    std::lock_guard lock(mutex_);
    log_ += (log_.empty() ? "" : ", ") + text;
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string log_;
  std::string body_;
};

class StreamCallTest : public ClientFixture {
 protected:
  ~StreamCallTest() override {
    OnLoop([&] { stream_.reset(); });
  }
  void OnLoop(absl::FunctionRef<void()> task) { threads_->RunOn(0, task); }
  void Open(const std::string& method) {
    HttpRequest request;
    request.method = method;
    request.url = "http://cart/";
    OnLoop([&] { stream_ = client().Open(request, {}, recorder_); });
  }

  Recorder recorder_;
  std::unique_ptr<HttpStream> stream_;
};

TEST_F(StreamCallTest, BodiesGoBothWaysInPieces) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadUntil("\r\n\r\n");
    connection.ReadUntil("one\r\n");
    connection.Send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nONE\r\n");
    connection.ReadUntil("0\r\n\r\n");
    connection.Send("0\r\nx-sum: 1\r\n\r\n");
    connection.ReadEnd();
  });
  ServeCart({peer.address()});
  Open("POST");
  OnLoop([&] { EXPECT_TRUE(stream_->Write("one")); });
  recorder_.AwaitBody(3);
  OnLoop([&] {
    stream_->Write("two");
    stream_->Finish({});
  });
  EXPECT_EQ(recorder_.Await("end"), "head 200, end with trailers");
  EXPECT_EQ(recorder_.body(), "ONE");
}

TEST_F(StreamCallTest, ABodyFinishedAtOnceHasALength) {
  std::string head;
  ScriptedPeer peer([&](PeerConnection& connection) {
    head = connection.ReadRequest();
    connection.Answer(connection.body());
    connection.ReadRequest();
  });
  ServeCart({peer.address()});
  HttpRequest request;
  request.method = "POST";
  request.url = "http://cart/";
  request.body = "first ";
  OnLoop([&] {
    stream_ = client().Open(request, {}, recorder_);
    stream_->Write("second");
    stream_->Finish({});
  });
  recorder_.Await("end");
  EXPECT_EQ(recorder_.body(), "first second");
  EXPECT_NE(head.find("content-length: 12\r\n"), std::string::npos) << head;
}

TEST_F(StreamCallTest, DestroyingTheStreamCancelsWithoutFurtherEvents) {
  std::atomic<bool> ended{false};
  ScriptedPeer peer([&](PeerConnection& connection) {
    connection.ReadUntil("\r\n\r\n");
    ended = connection.ReadEnd();
  });
  ServeCart({peer.address()});
  Open("POST");
  OnLoop([&] { stream_->Write("x"); });
  while (peer.connections() == 0) std::this_thread::yield();
  OnLoop([&] { stream_.reset(); });
  while (!ended) std::this_thread::yield();
  EXPECT_EQ(recorder_.log(), "");
  EXPECT_EQ(configuration_.state("cart")->active_requests, 0u);
}

TEST_F(StreamCallTest, AWriterIsHeldBackUntilThePeerReads) {
  std::atomic<bool> read{false};
  ScriptedPeer peer([&](PeerConnection& connection) {
    while (!read) std::this_thread::yield();
    connection.ReadUntil("0\r\n\r\n");
    connection.Answer("");
    connection.ReadEnd();
  });
  ServeCart({peer.address()});
  Open("POST");
  const std::string piece(100'000, 'x');
  bool more = true;
  for (int i = 0; more && i < 1000; ++i) {
    OnLoop([&] { more = stream_->Write(piece); });
  }
  // Not "never writable": the kernel may move what it holds to the peer's side, and take more.
  EXPECT_FALSE(more);
  read = true;
  recorder_.Await("writable");
  OnLoop([&] { stream_->Finish({}); });
  recorder_.Await("end");
}

TEST_F(StreamCallTest, ThePeerIsHeldBackWhileReadingIsPaused) {
  std::atomic<bool> sent_all{false};
  ScriptedPeer peer([&](PeerConnection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\ncontent-length: 20000000\r\n\r\n");
    connection.Send(std::string(20'000'000, 'x'));
    sent_all = true;
    connection.ReadEnd();
  });
  ServeCart({peer.address()});
  Open("GET");
  OnLoop([&] {
    stream_->PauseReading();
    stream_->Finish({});
  });
  while (peer.connections() == 0) std::this_thread::yield();
  OnLoop([] {});
  EXPECT_FALSE(sent_all);
  EXPECT_EQ(recorder_.body().size(), 0u);
  OnLoop([&] { stream_->ResumeReading(); });
  recorder_.Await("end");
  EXPECT_EQ(recorder_.body().size(), 20'000'000u);
}

TEST_F(StreamCallTest, AnEarlyAnswerEndsTheCall) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadUntil("\r\n\r\n");
    connection.Send("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n");
    connection.ReadEnd();
  });
  ServeCart({peer.address()});
  Open("POST");
  OnLoop([&] { stream_->Write("some"); });
  EXPECT_EQ(recorder_.Await("end"), "head 413, end");
  OnLoop([&] { EXPECT_TRUE(stream_->Write("more")); });
}

TEST_F(StreamCallTest, ABodyBelowItsContentLengthIsAnInvalidRequest) {
  ScriptedPeer peer([](PeerConnection& connection) { connection.ReadEnd(); });
  ServeCart({peer.address()});
  HttpRequest request;
  request.method = "POST";
  request.url = "http://cart/";
  request.headers.Add("content-length", "10");
  OnLoop([&] {
    stream_ = client().Open(request, {}, recorder_);
    stream_->Write("12345");
  });
  while (configuration_.state("cart")->active_requests == 0) std::this_thread::yield();
  OnLoop([&] { stream_->Finish({}); });
  EXPECT_EQ(recorder_.Await("failed"), "failed -");
}

TEST_F(StreamCallTest, ABlockingStreamWritesAndReads) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadUntil("\r\n\r\n");
    const std::string body = connection.ReadUntil("0\r\n\r\n");
    connection.Answer(std::string(1'000'000, 'y'));
    connection.ReadEnd();
  });
  ServeCart({peer.address()});
  HttpRequest request;
  request.method = "POST";
  request.url = "http://cart/";
  auto stream = client().OpenBlocking(request, {});
  ASSERT_TRUE(stream.ok());
  const std::string piece(200'000, 'x');
  for (int i = 0; i < 20; ++i) ASSERT_TRUE((*stream)->Write(piece).ok());
  ASSERT_TRUE((*stream)->Finish().ok());
  const auto head = (*stream)->ReadHead();
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_EQ((*head)->status, 200);
  size_t total = 0;
  char buffer[4096];
  for (;;) {
    const absl::StatusOr<size_t> got = (*stream)->Read(buffer, sizeof(buffer));
    ASSERT_TRUE(got.ok()) << got.status();
    if (*got == 0) break;
    total += *got;
  }
  EXPECT_EQ(total, 1'000'000u);
}

}  // namespace
}  // namespace meshlib::client
