// SPDX-License-Identifier: Apache-2.0
#include "base/backoff.h"

#include <gtest/gtest.h>

namespace meshlib::base {
namespace {

TEST(BackoffTest, GrowsByItsMultiplierUpToItsLimitWithinTheJitter) {
  Random random(1);
  Backoff backoff({.initial = absl::Seconds(1), .max = absl::Seconds(3), .multiplier = 2}, random);
  for (const double base : {1.0, 2.0, 3.0, 3.0}) {
    const double delay = absl::ToDoubleSeconds(backoff.Next());
    EXPECT_GE(delay, base * 0.8);
    EXPECT_LE(delay, base * 1.2);
  }
}

TEST(BackoffTest, StartsAnewAfterReset) {
  Random random(1);
  Backoff backoff({}, random);
  for (int i = 0; i < 10; ++i) backoff.Next();
  backoff.Reset();
  EXPECT_LE(backoff.Next(), absl::Seconds(1.2));
}

}  // namespace
}  // namespace meshlib::base
