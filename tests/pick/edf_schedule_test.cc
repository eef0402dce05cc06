// SPDX-License-Identifier: Apache-2.0
#include "pick/edf_schedule.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace meshlib::pick {
namespace {

std::vector<uint32_t> Picks(const std::vector<double>& weights, uint64_t head_start, int count) {
  const auto weight = [&weights](uint32_t i) { return weights[i]; };
  EdfSchedule schedule;
  schedule.Build(weights.size(), head_start, weight);
  std::vector<uint32_t> picks;
  for (int i = 0; i < count; ++i) picks.push_back(schedule.Next(weight));
  return picks;
}

TEST(EdfScheduleTest, HeavierEntriesComeMoreOftenAndEvenlySpread) {
  EXPECT_EQ(Picks({1, 2}, 0, 6), (std::vector<uint32_t>{1, 0, 1, 1, 0, 1}));
}

TEST(EdfScheduleTest, EqualWeightsTakeTurns) {
  EXPECT_EQ(Picks({1, 1, 1}, 0, 6), (std::vector<uint32_t>{0, 1, 2, 0, 1, 2}));
}

TEST(EdfScheduleTest, AHeadStartIsAsIfPicksHadBeenMade) {
  const std::vector<double> weights = {5, 1, 3};
  const std::vector<uint32_t> all = Picks(weights, 0, 90);
  for (uint64_t head_start : {1u, 7u, 40u}) {
    std::map<uint32_t, int> want;
    std::map<uint32_t, int> got;
    for (size_t i = head_start; i < head_start + 45; ++i) ++want[all[i]];
    for (uint32_t pick : Picks(weights, head_start, 45)) ++got[pick];
    for (uint32_t entry : {0u, 1u, 2u}) EXPECT_NEAR(got[entry], want[entry], 1) << head_start;
  }
}

TEST(EdfScheduleTest, AWeightThatChangesCountsFromTheNextPickOn) {
  std::vector<double> weights = {1, 1};
  const auto weight = [&weights](uint32_t i) { return weights[i]; };
  EdfSchedule schedule;
  schedule.Build(2, 0, weight);
  weights[0] = 9;
  std::map<uint32_t, int> counts;
  for (int i = 0; i < 1000; ++i) ++counts[schedule.Next(weight)];
  EXPECT_NEAR(counts[0], 900, 2);
}

TEST(EdfScheduleTest, SharesAreExactOverALongTime) {
  std::map<uint32_t, int> counts;
  for (uint32_t pick : Picks({1, 10, 100, 1000}, 12'345, 111'100)) ++counts[pick];
  EXPECT_NEAR(counts[0], 100, 1);
  EXPECT_NEAR(counts[1], 1'000, 1);
  EXPECT_NEAR(counts[2], 10'000, 1);
  EXPECT_NEAR(counts[3], 100'000, 1);
}

}  // namespace
}  // namespace meshlib::pick
