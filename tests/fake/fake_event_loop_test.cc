// SPDX-License-Identifier: Apache-2.0
#include "fake/fake_event_loop.h"

#include <gtest/gtest.h>

#include <string>

namespace meshlib::fake {
namespace {

TEST(FakeEventLoopTest, RunsTasksInOrderOfPostingAndNotBefore) {
  FakeEventLoop loop;
  std::string ran;
  loop.Post([&] { ran += "a"; });
  loop.Post([&] { ran += "b"; });
  EXPECT_EQ(ran, "");
  loop.RunUntilIdle();
  EXPECT_EQ(ran, "ab");
}

TEST(FakeEventLoopTest, AdvanceStopsAtEveryTimerOnTheWay) {
  FakeEventLoop loop;
  const absl::Time start = loop.Now();
  absl::Duration second_at;
  base::Timer second(loop.timers(), [&] { second_at = loop.Now() - start; });
  base::Timer first(loop.timers(), [&] { second.ArmAt(loop.Now() + absl::Seconds(2)); });
  first.ArmAt(start + absl::Seconds(1));
  loop.Advance(absl::Seconds(10));
  EXPECT_EQ(second_at, absl::Seconds(3));
  EXPECT_EQ(loop.Now() - start, absl::Seconds(10));
}

TEST(FakeEventLoopTest, AJumpOfTheWallClockMovesNoTimer) {
  FakeEventLoop loop;
  bool fired = false;
  base::Timer timer(loop.timers(), [&] { fired = true; });
  timer.ArmAt(loop.Now() + absl::Minutes(5));
  loop.clock().JumpWall(absl::Hours(1));
  loop.RunUntilIdle();
  EXPECT_FALSE(fired);
  timer.Cancel();
}

}  // namespace
}  // namespace meshlib::fake
