// SPDX-License-Identifier: Apache-2.0
#include "transport/first_bytes.h"

#include <gtest/gtest.h>

#include <optional>

#include "base/clock.h"
#include "transport/client_hello_builder.h"
#include "transport/loop_fixture.h"

namespace meshlib::transport {
namespace {

class FirstBytesTest : public LoopTest {
 protected:
  void Start(absl::Duration timeout = absl::Seconds(10)) {
    first_bytes_.Start(TakeOurs(), timeout, [this](absl::StatusOr<OpenedConnection> opened) {
      result_.emplace(std::move(opened));
    });
    EXPECT_FALSE(result_.has_value());
  }
  void Await() {
    RunUntil([this] { return result_.has_value(); });
  }

  FirstBytes first_bytes_{*loop_};
  std::optional<absl::StatusOr<OpenedConnection>> result_;
};

TEST_F(FirstBytesTest, PlaintextIsHandedOnWithWhatWasRead) {
  Start();
  Send("GET / HT");
  Await();
  ASSERT_TRUE(result_->ok()) << result_->status();
  EXPECT_EQ((*result_)->opening.kind, Opening::Kind::kPlaintext);
  EXPECT_EQ((*result_)->bytes, "GET / HT");
}

TEST_F(FirstBytesTest, AClientHelloMayComeByteByByte) {
  const std::string hello = ClientHelloBuilder().ServerName("a.example").Bytes();
  Start();
  for (const char byte : hello) {
    EXPECT_FALSE(result_.has_value());
    Send({&byte, 1});
    loop_->Poll();
  }
  Await();
  ASSERT_TRUE(result_->ok()) << result_->status();
  EXPECT_EQ((*result_)->opening.hello.server_name, "a.example");
  EXPECT_EQ((*result_)->bytes, hello);
}

// A part of a ClientHello must not keep the loop busy.
TEST_F(FirstBytesTest, WhatIsIncompleteIsTakenOutOfTheSocket) {
  Start();
  Send("\x16\x03");
  RunUntil([this] { return Pending() == 0; });
  EXPECT_FALSE(result_.has_value());
}

TEST_F(FirstBytesTest, ASilentClientIsGivenUp) {
  Start(absl::Milliseconds(20));
  Await();
  EXPECT_TRUE(absl::IsDeadlineExceeded(result_->status())) << result_->status();
}

TEST_F(FirstBytesTest, AClientThatStopsInItsHelloIsGivenUp) {
  Start(absl::Milliseconds(20));
  Send("\x16\x03\x01");
  Await();
  EXPECT_TRUE(absl::IsDeadlineExceeded(result_->status())) << result_->status();
}

TEST_F(FirstBytesTest, AClientThatLeavesIsTold) {
  Start();
  CloseTheirs();
  Await();
  EXPECT_TRUE(absl::IsCancelled(result_->status())) << result_->status();
}

TEST_F(FirstBytesTest, OneThatLeavesInItsHelloIsAnError) {
  Start();
  Send("\x16");
  CloseTheirs();
  Await();
  EXPECT_TRUE(absl::IsUnavailable(result_->status())) << result_->status();
}

TEST_F(FirstBytesTest, DestroyingItCancels) {
  bool called = false;
  {
    FirstBytes cancelled(*loop_);
    cancelled.Start(TakeOurs(), absl::Seconds(10),
                    [&](const absl::StatusOr<OpenedConnection>&) { called = true; });
  }
  loop_->Poll();
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace meshlib::transport
