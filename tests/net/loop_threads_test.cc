// SPDX-License-Identifier: Apache-2.0
#include "net/loop_threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include "base/clock.h"

namespace meshlib::net {
namespace {

class LoopThreadsTest : public ::testing::Test {
 protected:
  base::SystemClock clock_;
  std::unique_ptr<LoopThreads> threads_ = LoopThreads::Start(3, clock_).value();
};

TEST_F(LoopThreadsTest, RunsOnEachLoopAndKnowsWhichOne) {
  EXPECT_EQ(threads_->CurrentIndex(), 3u);
  for (size_t i = 0; i < threads_->size(); ++i) {
    size_t seen = 99;
    threads_->RunOn(i, [&] {
      // On the loop already: runs at once.
      threads_->RunOn(i, [&] { seen = threads_->CurrentIndex(); });
    });
    EXPECT_EQ(seen, i);
  }
}

TEST_F(LoopThreadsTest, PostToAllReachesEveryLoop) {
  std::atomic<int> sum{0};
  threads_->PostToAll([&](size_t index) { sum += static_cast<int>(index) + 1; });
  for (size_t i = 0; i < 3; ++i) threads_->RunOn(i, [] {});
  EXPECT_EQ(sum, 6);
}

TEST_F(LoopThreadsTest, RunOnAfterStopRunsOnTheCaller) {
  threads_->Stop();
  bool ran = false;
  threads_->RunOn(0, [&] { ran = true; });
  EXPECT_TRUE(ran);
}

TEST_F(LoopThreadsTest, NextTakesTheLoopsInTurn) {
  Loop& first = threads_->Next();
  EXPECT_NE(&threads_->Next(), &first);
  EXPECT_NE(&threads_->Next(), &first);
  EXPECT_EQ(&threads_->Next(), &first);
}

}  // namespace
}  // namespace meshlib::net
