// SPDX-License-Identifier: Apache-2.0
#include "net/loop.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "net/byte_stream.h"

namespace meshlib::net {
namespace {

class LoopTest : public ::testing::Test {
 protected:
  LoopTest() : loop_(Loop::Create(clock_).value()) {}

  base::SystemClock clock_;
  std::unique_ptr<Loop> loop_;
};

// Two connected sockets.
struct Pair {
  Pair() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0); }
  ~Pair() {
    close(fds[0]);
    close(fds[1]);
  }
  int fds[2];
};

class Handler final : public FdHandler {
 public:
  explicit Handler(absl::AnyInvocable<void(uint32_t)> on_ready) : on_ready_(std::move(on_ready)) {}
  void OnReady(uint32_t readiness) override { on_ready_(readiness); }

 private:
  absl::AnyInvocable<void(uint32_t)> on_ready_;
};

// Waits in reads, and tells when it did.
class Reader final : public FdHandler {
 public:
  Reader(Loop& loop, Pair& pair) : loop_(loop), pair_(pair) {
    EXPECT_TRUE(loop_.Watch(pair_.fds[0], kReadable, this).ok());
  }
  ~Reader() override { loop_.Unwatch(pair_.fds[0], this); }
  void OnReady(uint32_t) override {
    if (held_ == '\0' && read(pair_.fds[0], &held_, 1) != 1) return;
    log += std::exchange(held_, '\0');
  }
  bool Await() override {
    log += "(";
    pollfd ready{pair_.fds[0], POLLIN, 0};
    const bool came = poll(&ready, 1, patience_ms) == 1 && read(pair_.fds[0], &held_, 1) == 1;
    log += ")";
    return came;
  }

  int patience_ms = 10'000;
  std::string log;

 private:
  Loop& loop_;
  Pair& pair_;
  char held_ = '\0';
};

TEST_F(LoopTest, WaitsInTheReadOfWhatItExpectsOnce) {
  loop_->WaitInReads();
  Pair pair;
  Reader reader(*loop_, pair);
  loop_->Expect(&reader);
  std::thread writer([&] { EXPECT_EQ(write(pair.fds[1], "ab", 2), 2); });
  loop_->Run([&] { return reader.log.size() == 4; });
  writer.join();
  EXPECT_EQ(reader.log, "()ab");
}

TEST_F(LoopTest, ExpectsNothingUnlessItIsToWaitInReads) {
  Pair pair;
  Reader reader(*loop_, pair);
  loop_->Expect(&reader);
  ASSERT_EQ(write(pair.fds[1], "a", 1), 1);
  loop_->Run([&] { return !reader.log.empty(); });
  EXPECT_EQ(reader.log, "a");
}

TEST_F(LoopTest, LooksAtEveryDescriptorWhenWhatItExpectsDoesNotCome) {
  loop_->WaitInReads();
  Pair expected_pair;
  Pair other_pair;
  Reader expected(*loop_, expected_pair);
  Reader other(*loop_, other_pair);
  expected.patience_ms = 0;
  loop_->Expect(&expected);
  ASSERT_EQ(write(other_pair.fds[1], "a", 1), 1);
  loop_->Run([&] { return !other.log.empty(); });
  EXPECT_EQ(expected.log, "()");
}

TEST_F(LoopTest, LooksAtEveryDescriptorNowAndThen) {
  loop_->WaitInReads();
  Pair expected_pair;
  Pair other_pair;
  Reader expected(*loop_, expected_pair);
  Reader other(*loop_, other_pair);
  ASSERT_EQ(write(other_pair.fds[1], "a", 1), 1);
  int turns = 0;
  loop_->Run([&] {
    loop_->Expect(&expected);
    EXPECT_EQ(write(expected_pair.fds[1], "b", 1), 1);
    return !other.log.empty() || ++turns == 100;
  });
  EXPECT_EQ(other.log, "a");
  EXPECT_LT(turns, 20);
}

TEST_F(LoopTest, ATimerThatIsNearIsNotMissedForARead) {
  loop_->WaitInReads();
  Pair pair;
  Reader reader(*loop_, pair);
  bool expired = false;
  base::Timer timer(loop_->timers(), [&] { expired = true; });
  loop_->Run([&] {
    if (!timer.armed() && !expired) {
      loop_->Expect(&reader);
      timer.ArmAt(loop_->Now() + ByteStream::kPatience);
    }
    return expired;
  });
  EXPECT_EQ(reader.log, "");
}

TEST_F(LoopTest, ATaskThatIsPostedIsNotKeptWaitingByARead) {
  loop_->WaitInReads();
  Pair pair;
  Reader reader(*loop_, pair);
  bool ran = false;
  loop_->Post([&] { ran = true; });
  loop_->Expect(&reader);
  loop_->Run([&] { return ran; });
  EXPECT_EQ(reader.log, "");
}

TEST_F(LoopTest, WhatIsNotWatchedAnyMoreIsNotExpected) {
  loop_->WaitInReads();
  Pair pair;
  Reader other(*loop_, pair);
  ASSERT_EQ(write(pair.fds[1], "a", 1), 1);
  Pair gone_pair;
  auto gone = std::make_unique<Reader>(*loop_, gone_pair);
  loop_->Expect(gone.get());
  gone.reset();
  loop_->Run([&] { return !other.log.empty(); });
  EXPECT_EQ(other.log, "a");
}

TEST_F(LoopTest, RunsPostedTasksInOrderAndNeverInsidePost) {
  std::string ran;
  loop_->Post([&] {
    ran += "a";
    loop_->Post([&] { ran += "c"; });
    ran += "b";
  });
  EXPECT_EQ(ran, "");
  loop_->Run([&] { return ran.size() == 3; });
  EXPECT_EQ(ran, "abc");
}

TEST_F(LoopTest, APostFromAnotherThreadWakesIt) {
  bool ran = false;
  std::thread poster([&] { loop_->Post([&] { ran = true; }); });
  loop_->Run([&] { return ran; });
  poster.join();
  EXPECT_TRUE(ran);
}

TEST_F(LoopTest, StopFromAnotherThreadEndsRunAndIsSticky) {
  std::thread stopper([&] { loop_->Stop(); });
  loop_->Run();
  stopper.join();
  loop_->Run();
}

TEST_F(LoopTest, IsCurrentOnlyWhileItRunsOnThatThread) {
  EXPECT_FALSE(loop_->IsCurrent());
  bool inside = false;
  bool elsewhere = true;
  bool ran = false;
  loop_->Post([&] {
    inside = loop_->IsCurrent();
    std::thread([&] { elsewhere = loop_->IsCurrent(); }).join();
    ran = true;
  });
  loop_->Run([&] { return ran; });
  EXPECT_TRUE(inside);
  EXPECT_FALSE(elsewhere);
  EXPECT_FALSE(loop_->IsCurrent());
}

TEST_F(LoopTest, TimersRunInOrderOfTime) {
  std::string ran;
  base::Timer late(loop_->timers(), [&] { ran += "2"; });
  base::Timer early(loop_->timers(), [&] { ran += "1"; });
  late.ArmAt(clock_.Now() + absl::Milliseconds(4));
  early.ArmAt(clock_.Now() + absl::Milliseconds(1));
  loop_->Run([&] { return ran.size() == 2; });
  EXPECT_EQ(ran, "12");
}

TEST_F(LoopTest, ReportsReadableAndWritable) {
  Pair pair;
  uint32_t seen = 0;
  Handler handler([&](uint32_t readiness) { seen |= readiness; });
  ASSERT_TRUE(loop_->Watch(pair.fds[0], kReadable, &handler).ok());
  loop_->Poll();
  EXPECT_EQ(seen, 0u);
  ASSERT_EQ(write(pair.fds[1], "x", 1), 1);
  loop_->Poll();
  EXPECT_EQ(seen, static_cast<uint32_t>(kReadable));
  ASSERT_TRUE(loop_->Modify(pair.fds[0], kWritable, &handler).ok());
  seen = 0;
  loop_->Poll();
  EXPECT_EQ(seen, static_cast<uint32_t>(kWritable));
  loop_->Unwatch(pair.fds[0], &handler);
  seen = 0;
  loop_->Poll();
  EXPECT_EQ(seen, 0u);
}

TEST_F(LoopTest, AHandlerMayUnwatchAndDestroyAnotherReadyOne) {
  Pair pairs[2];
  std::unique_ptr<Handler> handlers[2];
  int ran = 0;
  for (int i = 0; i < 2; ++i) {
    handlers[i] = std::make_unique<Handler>([&, i](uint32_t) {
      ++ran;
      loop_->Unwatch(pairs[i].fds[0], handlers[i].get());
      loop_->Unwatch(pairs[1 - i].fds[0], handlers[1 - i].get());
      handlers[1 - i].reset();
    });
    ASSERT_TRUE(loop_->Watch(pairs[i].fds[0], kReadable, handlers[i].get()).ok());
    ASSERT_EQ(write(pairs[i].fds[1], "x", 1), 1);
  }
  loop_->Poll();
  EXPECT_EQ(ran, 1);
}

TEST_F(LoopTest, TasksLeftAreDestroyedWithoutBeingRun) {
  auto witness = std::make_shared<int>(0);
  loop_->Post([witness] { ++*witness; });
  loop_.reset();
  EXPECT_EQ(witness.use_count(), 1);
  EXPECT_EQ(*witness, 0);
}

TEST_F(LoopTest, MayMoveToAnotherThreadBetweenRuns) {
  int turns = 0;
  for (int i = 0; i < 3; ++i) {
    std::thread([&] {
      loop_->Post([&] { ++turns; });
      const int before = turns;
      loop_->Run([&] { return turns > before; });
    }).join();
  }
  EXPECT_EQ(turns, 3);
}

}  // namespace
}  // namespace meshlib::net
