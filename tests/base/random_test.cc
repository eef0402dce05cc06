// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <gtest/gtest.h>

#include <array>

namespace meshlib::base {
namespace {

TEST(RandomTest, TheSameSeedGivesTheSameNumbers) {
  Random a(1);
  Random b(1);
  Random c(2);
  const uint64_t first = a.Next();
  EXPECT_EQ(first, b.Next());
  EXPECT_NE(first, c.Next());
}

TEST(RandomTest, BelowIsUniform) {
  Random random(3);
  std::array<int, 10> counts{};
  for (int i = 0; i < 100'000; ++i) ++counts[random.Below(10)];
  for (int count : counts) EXPECT_NEAR(count, 10'000, 400);
}

TEST(RandomTest, FractionStaysBelowOne) {
  Random random(4);
  for (int i = 0; i < 10'000; ++i) {
    const double fraction = random.Fraction();
    EXPECT_GE(fraction, 0);
    EXPECT_LT(fraction, 1);
  }
}

}  // namespace
}  // namespace meshlib::base
