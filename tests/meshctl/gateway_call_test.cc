// SPDX-License-Identifier: Apache-2.0
#include "gateway_call.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "meshlib/call_error.h"

namespace meshctl {
namespace {

using meshlib::Headers;
using meshlib::HttpRequest;
using meshlib::HttpResponse;

// Writes down what is done to it; `full` makes Write() return false.
struct Sink {
  std::vector<std::string> events;
  bool full = false;
  bool Write(std::string_view bytes) {
    events.push_back("body " + std::string(bytes));
    return !full;
  }
};

class FakeServerStream final : public meshlib::ServerStream {
 public:
  void SendHead(const HttpResponse& head) override {
    sink.events.push_back("head " + std::to_string(head.status));
    headers = head.headers;
  }
  bool Write(std::string_view bytes) override { return sink.Write(bytes); }
  void Finish(const Headers&) override { sink.events.push_back("end"); }
  void Reset() override { sink.events.push_back("reset"); }
  void PauseReading() override { sink.events.push_back("pause"); }
  void ResumeReading() override { sink.events.push_back("resume"); }

  Sink sink;
  Headers headers;
};

struct ClientStreamState {
  Sink sink;
  bool open = false;
};

class FakeHttpStream final : public meshlib::HttpStream {
 public:
  explicit FakeHttpStream(ClientStreamState& state) : state_(state) { state_.open = true; }
  ~FakeHttpStream() override { state_.open = false; }
  bool Write(std::string_view bytes) override { return state_.sink.Write(bytes); }
  void Finish(const Headers&) override { state_.sink.events.push_back("end"); }
  void PauseReading() override { state_.sink.events.push_back("pause"); }
  void ResumeReading() override { state_.sink.events.push_back("resume"); }

 private:
  ClientStreamState& state_;
};

class FakeClient final : public meshlib::HttpClient {
 public:
  absl::Status Call(meshlib::HttpExchange&) override { return absl::UnimplementedError("no"); }
  void Start(meshlib::HttpExchange&, Done) override {}
  std::unique_ptr<meshlib::HttpStream> Open(const HttpRequest& opened,
                                            const meshlib::CallOptions& options,
                                            meshlib::StreamHandler& answering) override {
    request = opened;
    listener = options.listener;
    handler = &answering;
    return std::make_unique<FakeHttpStream>(state);
  }
  absl::StatusOr<std::unique_ptr<meshlib::BlockingStream>> OpenBlocking(
      const HttpRequest&, const meshlib::CallOptions&) override {
    return absl::UnimplementedError("no");
  }

  ClientStreamState state;
  HttpRequest request;
  std::string listener;
  meshlib::StreamHandler* handler = nullptr;
};

class GatewayCallTest : public ::testing::Test {
 protected:
  void Start(Headers headers = {}) {
    HttpRequest request{.method = "POST", .url = "/productpage?x=1", .headers = std::move(headers)};
    request.authority = "shop.example";
    request.peer_address = "127.0.0.9:4000";
    call_ = StartGatewayCall(client_, {.listener = "0.0.0.0_80"}, request, stream_);
  }

  FakeClient client_;
  FakeServerStream stream_;
  std::unique_ptr<meshlib::ServerStreamHandler> call_;
};

TEST_F(GatewayCallTest, ForwardsTheHeadByTheListenerAndSaysForWhom) {
  Start({{"accept", "a"},
         {"connection", "close"},
         {"x-forwarded-for", "1.2.3.4"},
         {"x-forwarded-for", "5.6.7.8"}});
  EXPECT_EQ(client_.listener, "0.0.0.0_80");
  EXPECT_EQ(client_.request.url, "/productpage?x=1");
  EXPECT_EQ(client_.request.authority, "shop.example");
  EXPECT_EQ(client_.request.headers.Get("accept"), "a");
  EXPECT_FALSE(client_.request.headers.Has("connection"));
  EXPECT_EQ(client_.request.headers.Get("x-forwarded-for"), "1.2.3.4,5.6.7.8,127.0.0.9");
}

TEST_F(GatewayCallTest, StreamsBothWaysAndHoldsBackBothWays) {
  Start();
  client_.state.sink.full = true;
  call_->OnBody("up");
  client_.handler->OnWritable();
  call_->OnEnd({});
  client_.handler->OnHead(HttpResponse{.status = 201});
  stream_.sink.full = true;
  client_.handler->OnBody("down");
  call_->OnWritable();
  client_.handler->OnEnd({});
  EXPECT_EQ(client_.state.sink.events,
            (std::vector<std::string>{"body up", "end", "pause", "resume"}));
  EXPECT_EQ(stream_.sink.events,
            (std::vector<std::string>{"pause", "resume", "head 201", "body down", "end"}));
}

TEST_F(GatewayCallTest, WhatNoRouteTakesIs404) {
  Start();
  client_.handler->OnFailed(
      meshlib::MakeCallError({meshlib::CallErrorReason::kNoRoute, 404}, "route: none"));
  EXPECT_EQ(stream_.sink.events[1], "head 404");
  EXPECT_EQ(stream_.headers.Get("x-meshlib-flag"), "NR");
}

TEST_F(GatewayCallTest, AFailureAfterTheHeadResets) {
  Start();
  client_.handler->OnHead(HttpResponse{.status = 200});
  client_.handler->OnFailed(absl::UnavailableError("gone"));
  EXPECT_EQ(stream_.sink.events, (std::vector<std::string>{"head 200", "reset"}));
}

TEST_F(GatewayCallTest, APeerThatGoesAwayCancelsTheCall) {
  Start();
  EXPECT_TRUE(client_.state.open);
  call_->OnClosed(absl::CancelledError("gone"));
  EXPECT_FALSE(client_.state.open);
}

}  // namespace
}  // namespace meshctl
