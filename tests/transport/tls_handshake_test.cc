// SPDX-License-Identifier: Apache-2.0
#include "transport/tls_handshake.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "transport/loop_fixture.h"
#include "transport/tls_contexts.h"

namespace meshlib::transport {
namespace {

using Result = absl::StatusOr<std::unique_ptr<TlsStream>>;

class TlsHandshakeTest : public LoopTest {
 protected:
  void StartServer(absl::Duration timeout = absl::Seconds(10)) {
    server_.Start(TakeOurs(), std::make_unique<tls::Engine>(contexts_.server), timeout,
                  [this](Result result) { served_.emplace(std::move(result)); });
    EXPECT_FALSE(served_.has_value());
  }
  void StartClient(absl::Duration timeout = absl::Seconds(10)) {
    client_.Start(TakeTheirs(), std::make_unique<tls::Engine>(contexts_.client), timeout,
                  [this](Result result) { connected_.emplace(std::move(result)); });
    EXPECT_FALSE(connected_.has_value());
  }
  void AwaitBoth() {
    RunUntil([this] { return served_.has_value() && connected_.has_value(); });
  }
  void AwaitServer() {
    RunUntil([this] { return served_.has_value(); });
  }

  TlsContexts contexts_;
  TlsHandshake server_{*loop_};
  TlsHandshake client_{*loop_};
  std::optional<Result> served_;
  std::optional<Result> connected_;
};

TEST_F(TlsHandshakeTest, BothSidesGetAStream) {
  StartServer();
  StartClient();
  AwaitBoth();
  ASSERT_TRUE(served_->ok()) << served_->status();
  ASSERT_TRUE(connected_->ok()) << connected_->status();
  EXPECT_EQ((**served_)->engine().version(), "TLSv1.3");
  EXPECT_EQ((**served_)->engine().server_name(), "a.example");
  const std::string text = "ping";
  const std::array<iovec, 1> piece = {iovec{const_cast<char*>(text.data()), text.size()}};
  EXPECT_EQ((**connected_)->Write(piece).bytes, text.size());
  std::vector<char> buffer(TlsStream::kLeastRead);
  EXPECT_EQ((**served_)->Read(buffer).bytes, text.size());
}

TEST_F(TlsHandshakeTest, WhatComesWithTheEndOfItIsReadAtOnce) {
  StartServer();
  tls::Engine client(contexts_.client);
  std::array<char, 16384> bytes;
  bool sent = false;
  for (int turns = 0; turns < 10000 && !served_; ++turns) {
    const auto step = client.Handshake();
    if (step == tls::Engine::Step::kDone && !sent) {
      client.Write("GET / HTTP/1.1\r\n\r\n");
      sent = true;
    }
    if (!client.output().empty()) {
      Send(client.output());
      client.Sent(client.output().size());
    }
    const net::IoResult got = theirs_->Read(bytes);
    if (got.kind == net::IoResult::Kind::kDone) {
      client.Receive(std::span(bytes).first(got.bytes));
    }
    loop_->Poll();
  }
  ASSERT_TRUE(served_.has_value());
  ASSERT_TRUE(served_->ok()) << served_->status();
  std::vector<char> buffer(TlsStream::kLeastRead);
  EXPECT_EQ((**served_)->Read(buffer).bytes, 18u);
}

TEST_F(TlsHandshakeTest, APeerThatIsNotTrustedIsAnErrorForBoth) {
  const TlsContexts others;
  contexts_.client = contexts_.Client({.roots = others.ca.roots()});
  StartServer();
  StartClient();
  AwaitBoth();
  EXPECT_TRUE(absl::IsUnauthenticated(connected_->status())) << connected_->status();
  EXPECT_FALSE(served_->ok());
}

TEST_F(TlsHandshakeTest, PlaintextIsAnError) {
  StartServer();
  Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  AwaitServer();
  EXPECT_FALSE(served_->ok());
}

TEST_F(TlsHandshakeTest, BytesReadBeforeItsStartCount) {
  tls::Engine client(contexts_.client);
  client.Handshake();
  auto engine = std::make_unique<tls::Engine>(contexts_.server);
  engine->Receive(client.output());
  server_.Start(TakeOurs(), std::move(engine), absl::Seconds(10),
                [this](Result result) { served_.emplace(std::move(result)); });
  std::array<char, 16384> bytes;
  EXPECT_EQ(theirs_->Read(bytes).kind, net::IoResult::Kind::kDone);
}

TEST_F(TlsHandshakeTest, AnErrorWithinStartIsToldAfterIt) {
  auto engine = std::make_unique<tls::Engine>(contexts_.server);
  engine->Receive(std::string_view("plaintext"));
  server_.Start(TakeOurs(), std::move(engine), absl::Seconds(10),
                [this](Result result) { served_.emplace(std::move(result)); });
  EXPECT_FALSE(served_.has_value());
  AwaitServer();
  EXPECT_FALSE(served_->ok());
}

TEST_F(TlsHandshakeTest, APeerThatLeavesIsAnError) {
  StartServer();
  CloseTheirs();
  AwaitServer();
  EXPECT_FALSE(served_->ok());
}

TEST_F(TlsHandshakeTest, ASlowPeerIsGivenUp) {
  StartServer(absl::Milliseconds(20));
  Send("\x16\x03\x01");
  AwaitServer();
  EXPECT_TRUE(absl::IsDeadlineExceeded(served_->status())) << served_->status();
}

TEST_F(TlsHandshakeTest, AClientGivesUpASilentServer) {
  StartClient(absl::Milliseconds(20));
  RunUntil([this] { return connected_.has_value(); });
  EXPECT_TRUE(absl::IsDeadlineExceeded(connected_->status())) << connected_->status();
}

TEST_F(TlsHandshakeTest, DoneMayDestroyIt) {
  auto handshake = std::make_unique<TlsHandshake>(*loop_);
  bool called = false;
  handshake->Start(TakeOurs(), std::make_unique<tls::Engine>(contexts_.server),
                   absl::Milliseconds(10), [&](const Result&) {
                     handshake.reset();
                     called = true;
                   });
  RunUntil([&] { return called; });
}

}  // namespace
}  // namespace meshlib::transport
