// SPDX-License-Identifier: Apache-2.0
#include "base/timer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"

namespace meshlib::base {
namespace {

const absl::Time kStart = absl::UnixEpoch();

absl::Time At(int seconds) { return kStart + absl::Seconds(seconds); }

TEST(TimerTest, RunsDueTimersEarliestFirst) {
  TimerQueue queue;
  std::string ran;
  Timer late(queue, [&] { ran += "late "; });
  Timer early(queue, [&] { ran += "early "; });
  Timer future(queue, [&] { ran += "future "; });
  late.ArmAt(At(2));
  early.ArmAt(At(1));
  future.ArmAt(At(9));
  EXPECT_EQ(queue.NextExpiry(), At(1));
  EXPECT_EQ(queue.RunExpired(At(5)), 2);
  EXPECT_EQ(ran, "early late ");
  EXPECT_EQ(queue.NextExpiry(), At(9));
}

TEST(TimerTest, ArmingAgainReplacesTheEarlierTime) {
  TimerQueue queue;
  int runs = 0;
  Timer timer(queue, [&] { ++runs; });
  timer.ArmAt(At(1));
  timer.ArmAt(At(3));
  EXPECT_EQ(queue.RunExpired(At(2)), 0);
  EXPECT_EQ(queue.RunExpired(At(3)), 1);
  EXPECT_EQ(runs, 1);
}

TEST(TimerTest, InfiniteFutureCancels) {
  TimerQueue queue;
  Timer timer(queue, [] {});
  timer.ArmAt(At(1));
  timer.ArmAt(absl::InfiniteFuture());
  EXPECT_FALSE(timer.armed());
  EXPECT_EQ(queue.NextExpiry(), absl::InfiniteFuture());
}

TEST(TimerTest, ACallbackMayDestroyItsOwnTimer) {
  TimerQueue queue;
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(queue, [&] { timer.reset(); });
  timer->ArmAt(At(1));
  queue.RunExpired(At(1));
  EXPECT_EQ(timer, nullptr);
}

TEST(TimerTest, ACallbackThatRearmsForThePastDoesNotLoopForever) {
  TimerQueue queue;
  int runs = 0;
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(queue, [&] {
    ++runs;
    timer->ArmAt(At(0));
  });
  timer->ArmAt(At(0));
  queue.RunExpired(At(1));
  EXPECT_EQ(runs, 1);
}

TEST(TimerTest, AgreesWithASortedListForRandomArmingsAndCancellings) {
  TimerQueue queue;
  Random random(7);
  std::vector<int> fired;
  std::vector<std::unique_ptr<Timer>> timers;
  for (int i = 0; i < 50; ++i) {
    timers.push_back(std::make_unique<Timer>(queue, [&fired, i] { fired.push_back(i); }));
  }
  for (int step = 0; step < 2000; ++step) {
    Timer& timer = *timers[random.Below(timers.size())];
    if (random.Below(4) == 0) {
      timer.Cancel();
    } else {
      timer.ArmAt(At(static_cast<int>(random.Below(1000))));
    }
  }
  std::vector<absl::Time> expected;
  for (const auto& timer : timers) {
    if (timer->armed()) expected.push_back(timer->when());
  }
  std::sort(expected.begin(), expected.end());
  queue.RunExpired(At(1000));
  std::vector<absl::Time> actual;
  for (int i : fired) actual.push_back(timers[static_cast<size_t>(i)]->when());
  EXPECT_EQ(actual, expected);
}

}  // namespace
}  // namespace meshlib::base
