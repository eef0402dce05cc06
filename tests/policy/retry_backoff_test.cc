// SPDX-License-Identifier: Apache-2.0
#include "policy/retry_backoff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace meshlib::policy {
namespace {

// The longest of many first, second, ... delays, in milliseconds.
std::vector<int64_t> Longest(absl::Duration base, absl::Duration max, int delays) {
  base::Random random(3);
  std::vector<int64_t> longest(static_cast<size_t>(delays));
  for (int run = 0; run < 4'000; ++run) {
    RetryBackoff backoff(base, max, random);
    for (int64_t& delay : longest) {
      delay = std::max(delay, absl::ToInt64Milliseconds(backoff.Next()));
    }
  }
  return longest;
}

TEST(RetryBackoffTest, IntervalsDoubleFromTheBaseToTheMaximum) {
  EXPECT_EQ(Longest(absl::Milliseconds(25), absl::Milliseconds(250), 6),
            (std::vector<int64_t>{24, 49, 99, 199, 249, 249}));
}

TEST(RetryBackoffTest, HalfOfTheMaximumIsFollowedByTheMaximum) {
  EXPECT_EQ(Longest(absl::Milliseconds(10), absl::Milliseconds(21), 3),
            (std::vector<int64_t>{9, 20, 20}));
}

TEST(RetryBackoffTest, DelaysAreDrawnFromTheWholeInterval) {
  base::Random random(5);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    RetryBackoff backoff(absl::Milliseconds(25), absl::Milliseconds(250), random);
    sum += absl::ToDoubleMilliseconds(backoff.Next());
  }
  EXPECT_NEAR(sum / 10'000, 12, 0.4);
}

TEST(RetryBackoffTest, LessThanAMillisecondCountsAsOne) {
  base::Random random(5);
  RetryBackoff backoff(absl::Microseconds(10), absl::ZeroDuration(), random);
  EXPECT_EQ(backoff.Next(), absl::ZeroDuration());
  EXPECT_EQ(backoff.Next(), absl::ZeroDuration());
}

}  // namespace
}  // namespace meshlib::policy
