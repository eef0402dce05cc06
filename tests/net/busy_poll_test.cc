// SPDX-License-Identifier: Apache-2.0
#include "net/busy_poll.h"

#include <gtest/gtest.h>

namespace meshlib::net {
namespace {

// How many of `sleeps` begin with a look, when no look finds anything.
int LooksInVain(BusyPoll& poll, int sleeps) {
  int looks = 0;
  for (int i = 0; i < sleeps; ++i) {
    if (!poll.Begin()) continue;
    ++looks;
    poll.FoundNothing();
  }
  return looks;
}

TEST(BusyPollTest, LooksBeforeEverySleepWhileThatPays) {
  BusyPoll poll;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(poll.Begin());
    poll.Found();
  }
}

TEST(BusyPollTest, AMissNowAndThenDoesNotStopIt) {
  BusyPoll poll;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(poll.Begin());
    i % 5 == 0 ? poll.Found() : poll.FoundNothing();
  }
}

TEST(BusyPollTest, ALoopWhoseEventsAreFarApartHardlyLooks) {
  BusyPoll poll;
  EXPECT_LE(LooksInVain(poll, 2048), 16);
  EXPECT_LE(LooksInVain(poll, 102400), 100);
}

TEST(BusyPollTest, OneThatFindsSomethingBringsTheOthersBack) {
  BusyPoll poll;
  LooksInVain(poll, 100000);
  int skipped = 0;
  while (!poll.Begin()) ++skipped;
  EXPECT_LE(skipped, 1024);
  poll.Found();
  EXPECT_EQ(LooksInVain(poll, 5), 5);
  EXPECT_EQ(LooksInVain(poll, 2), 0);
}

}  // namespace
}  // namespace meshlib::net
