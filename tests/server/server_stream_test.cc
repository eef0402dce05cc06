// SPDX-License-Identifier: Apache-2.0
// Streaming handlers.

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "server/server_fixture.h"

namespace meshlib::server {
namespace {

// A handler made of functions, each of which may be missing.
struct Script {
  std::function<void(ServerStream&)> on_accept;
  std::function<void(ServerStream&, std::string_view)> on_body;
  std::function<void(ServerStream&, const Headers&)> on_end;
  std::function<void(ServerStream&)> on_writable;
  std::function<void(const absl::Status&)> on_closed;
};

class ScriptedHandler final : public ServerStreamHandler {
 public:
  ScriptedHandler(const Script& script, ServerStream& stream) : script_(script), stream_(stream) {
    if (script_.on_accept) script_.on_accept(stream_);
  }
  void OnBody(std::string_view bytes) override {
    if (script_.on_body) script_.on_body(stream_, bytes);
  }
  void OnEnd(const Headers& trailers) override {
    if (script_.on_end) script_.on_end(stream_, trailers);
  }
  void OnWritable() override {
    if (script_.on_writable) script_.on_writable(stream_);
  }
  void OnClosed(const absl::Status& status) override {
    if (script_.on_closed) script_.on_closed(status);
  }

 private:
  const Script& script_;
  ServerStream& stream_;
};

class ServerStreamTest : public ServerTest {
 protected:
  // Serves `script_` and notes how each Call ends.
  void ServeScript(ServeOptions options = Local()) {
    script_.on_closed = [this](const absl::Status& status) {
      status_ = status;
      closed_.Set();
    };
    Serve(StreamAcceptor([this](const HttpRequest&, ServerStream& stream) {
            return std::make_unique<ScriptedHandler>(script_, stream);
          }),
          std::move(options));
  }
  // The status of OnClosed.
  absl::Status Closed() {
    EXPECT_TRUE(closed_.Wait());
    return status_;
  }

  Script script_;
  absl::Status status_;
  Signal closed_;
};

TEST_F(ServerStreamTest, EchoesABodyAsItComes) {
  script_.on_accept = [](ServerStream& stream) { stream.SendHead({.status = 200}); };
  script_.on_body = [](ServerStream& stream, std::string_view bytes) { stream.Write(bytes); };
  script_.on_end = [](ServerStream& stream, const Headers& trailers) { stream.Finish(trailers); };
  ServeScript();
  RawClient client = Connect();
  client.Send("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
  EXPECT_NE(client.Until("\r\n\r\n").find("transfer-encoding: chunked"), std::string::npos);
  client.Send("3\r\nabc\r\n");
  EXPECT_EQ(client.Until("abc\r\n"), "3\r\nabc\r\n");
  client.Send("1\r\nd\r\n0\r\nx: y\r\n\r\n");
  EXPECT_EQ(client.Until("\r\n\r\n"), "1\r\nd\r\n0\r\nx: y\r\n\r\n");
  EXPECT_TRUE(Closed().ok());
}

TEST_F(ServerStreamTest, KeepsTheContentLengthOfTheHandler) {
  script_.on_end = [](ServerStream& stream, const Headers&) {
    stream.SendHead({.status = 200, .headers = {{"content-length", "3"}}});
    stream.Write("abc");
    stream.Finish();
  };
  ServeScript();
  RawClient client = Connect();
  EXPECT_EQ(client.Get("/").body, "abc");
  EXPECT_EQ(client.Get("/").body, "abc");
}

TEST_F(ServerStreamTest, ABodyOfAnotherLengthThanSaidResetsTheConnection) {
  script_.on_end = [](ServerStream& stream, const Headers&) {
    stream.SendHead({.status = 200, .headers = {{"content-length", "3"}}});
    stream.Write("ab");
    stream.Finish();
  };
  ServeScript();
  RawClient client = Connect();
  EXPECT_NE(client.Get("/").body, "abc");
  EXPECT_FALSE(Closed().ok());
  EXPECT_EQ(log().size(), 1u);
}

TEST_F(ServerStreamTest, AClientOfHttp10GetsABodyThatEndsWithTheConnection) {
  script_.on_end = [](ServerStream& stream, const Headers&) {
    stream.SendHead({.status = 200});
    stream.Write("abc");
    stream.Finish({{"x", "lost"}});
  };
  ServeScript();
  RawClient client = Connect();
  client.Send("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
  const RawResponse response = client.Read();
  EXPECT_EQ(RawClient::Field(response.head, "connection"), "close");
  EXPECT_EQ(response.body, "abc");
}

TEST_F(ServerStreamTest, WriteSaysWhenToWaitAndOnWritableWhenToGoOn) {
  constexpr int kPieces = 400;
  const std::string piece(16 * 1024, 'x');
  int sent = 0;
  int waits = 0;
  const auto send_more = [&](ServerStream& stream) {
    while (sent < kPieces) {
      ++sent;
      if (!stream.Write(piece)) {
        ++waits;
        return;
      }
    }
    stream.Finish();
  };
  script_.on_end = [&](ServerStream& stream, const Headers&) {
    stream.SendHead(
        {.status = 200, .headers = {{"content-length", std::to_string(kPieces * piece.size())}}});
    send_more(stream);
  };
  script_.on_writable = send_more;
  ServeScript();
  RawClient client = Connect();
  EXPECT_EQ(client.Get("/").body.size(), kPieces * piece.size());
  EXPECT_TRUE(Closed().ok());
  EXPECT_GT(waits, 10);
}

TEST_F(ServerStreamTest, AHandlerThatPausesHoldsTheClientBack) {
  ServerStream* kept = nullptr;
  Signal paused;
  std::atomic<size_t> received{0};
  size_t loop = 0;
  script_.on_body = [&](ServerStream& stream, std::string_view bytes) {
    received += bytes.size();
    if (kept == nullptr) {
      kept = &stream;
      loop = threads_->CurrentIndex();
      stream.PauseReading();
      paused.Set();
    }
  };
  script_.on_end = [](ServerStream& stream, const Headers&) {
    stream.SendHead({.status = 204});
    stream.Finish();
  };
  ServeScript();
  RawClient client = Connect();
  constexpr size_t kSize = 16 * 1024 * 1024;
  std::thread sender([&] {
    client.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: " + std::to_string(kSize) +
                "\r\n\r\n" + std::string(kSize, 'x'));
  });
  ASSERT_TRUE(paused.Wait());
  const size_t while_paused = received;
  EXPECT_LT(while_paused, 128u * 1024);
  for (size_t i = 0; i < threads_->size(); ++i) {
    threads_->RunOn(i, [&] { EXPECT_EQ(received, while_paused); });
  }
  threads_->RunOn(loop, [&] { kept->ResumeReading(); });
  sender.join();
  EXPECT_EQ(client.Read().status, 204);
  EXPECT_EQ(received, kSize);
}

TEST_F(ServerStreamTest, AnEarlyAnswerEndsTheConnection) {
  script_.on_accept = [](ServerStream& stream) {
    stream.SendHead({.status = 403, .headers = {{"content-length", "0"}}});
    stream.Finish();
  };
  ServeScript();
  RawClient client = Connect();
  client.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nabc");
  EXPECT_EQ(client.Read().status, 403);
  EXPECT_TRUE(Closed().ok());
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(ServerStreamTest, TheHandlerIsToldWhenTheClientGoes) {
  Signal accepted;
  script_.on_accept = [&](ServerStream&) { accepted.Set(); };
  ServeScript();
  {
    RawClient client = Connect();
    client.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nabc");
    ASSERT_TRUE(accepted.Wait());
  }
  EXPECT_EQ(Closed().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ServerStreamTest, ResetCutsTheConnection) {
  script_.on_end = [](ServerStream& stream, const Headers&) {
    stream.SendHead({.status = 200});
    stream.Write("abc");
    stream.Reset();
  };
  ServeScript();
  RawClient client = Connect();
  client.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  EXPECT_EQ(client.ReadToEnd().find("0\r\n\r\n"), std::string::npos);
  EXPECT_EQ(Closed().code(), absl::StatusCode::kCancelled);
}

TEST_F(ServerStreamTest, AHandlerThatThrowsIsAnsweredWith500) {
  script_.on_end = [](ServerStream&, const Headers&) { throw std::runtime_error("broken"); };
  ServeScript();
  EXPECT_EQ(Connect().Get("/").status, 500);
  EXPECT_FALSE(Closed().ok());
}

TEST_F(ServerStreamTest, ASlowBodyIsAnsweredWith408AndTheHandlerTold) {
  ServeOptions options = Local();
  options.body_timeout = absl::Milliseconds(30);
  ServeScript(options);
  RawClient client = Connect();
  client.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nabc");
  EXPECT_EQ(client.Read().status, 408);
  EXPECT_FALSE(Closed().ok());
}

TEST_F(ServerStreamTest, TheEndOfTheServerIsToldToTheHandler) {
  Signal accepted;
  script_.on_accept = [&](ServerStream&) { accepted.Set(); };
  ServeScript();
  RawClient client = Connect();
  client.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  ASSERT_TRUE(accepted.Wait());
  server_.reset();
  EXPECT_EQ(Closed().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace meshlib::server
