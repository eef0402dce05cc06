// SPDX-License-Identifier: Apache-2.0
#include "pick/priority_load.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace meshlib::pick {

void PrintTo(const PriorityLoad& load, std::ostream* out) {
  *out << load.healthy << "+" << load.degraded << (load.panic ? "!" : "");
}

namespace {

struct Row {
  std::string name;
  std::vector<PriorityHealth> priorities;  // {total, healthy, degraded}
  double panic_percent;
  std::vector<PriorityLoad> want;  // {healthy, degraded, panic}
};

std::string RowName(const testing::TestParamInfo<Row>& row) { return row.param.name; }

class PriorityLoadTest : public testing::TestWithParam<Row> {};

TEST_P(PriorityLoadTest, LoadIsDistributedAsEnvoyDoes) {
  const Row& row = GetParam();
  EXPECT_EQ(DistributeLoad(row.priorities, 140, row.panic_percent), row.want);
}

INSTANTIATE_TEST_SUITE_P(
    OnePriority, PriorityLoadTest,
    testing::ValuesIn(std::vector<Row>{
        {"all_healthy", {{10, 10, 0}}, 50, {{100, 0, false}}},
        {"overprovisioning_hides_a_few", {{10, 8, 0}}, 50, {{100, 0, false}}},
        {"half_is_not_panic", {{10, 5, 0}}, 50, {{100, 0, false}}},
        {"less_than_half_panics", {{10, 4, 0}}, 50, {{100, 0, true}}},
        {"panic_off", {{10, 1, 0}}, 0, {{100, 0, false}}},
        {"panic_off_and_none_healthy", {{10, 0, 0}}, 0, {{100, 0, false}}},
        {"none_healthy_panics", {{10, 0, 0}}, 50, {{100, 0, true}}},
        {"empty", {{0, 0, 0}}, 50, {{100, 0, true}}},
        {"empty_without_panic", {{0, 0, 0}}, 0, {{100, 0, false}}},
        {"only_degraded", {{10, 0, 10}}, 50, {{0, 100, false}}},
        {"degraded_takes_what_healthy_cannot", {{10, 5, 5}}, 50, {{70, 30, false}}},
        {"degraded_counts_against_panic", {{10, 2, 4}}, 50, {{34, 66, false}}},
        {"a_fraction_of_the_threshold_is_cut", {{100, 50, 0}}, 50.9, {{100, 0, false}}},
    }),
    RowName);

INSTANTIATE_TEST_SUITE_P(
    SeveralPriorities, PriorityLoadTest,
    testing::ValuesIn(std::vector<Row>{
        {"the_first_takes_all", {{4, 4, 0}, {4, 4, 0}}, 50, {{100, 0, false}, {0, 0, false}}},
        {"spill_over", {{10, 5, 0}, {10, 10, 0}}, 50, {{70, 0, false}, {30, 0, false}}},
        {"the_first_is_gone", {{10, 0, 0}, {10, 10, 0}}, 50, {{0, 0, false}, {100, 0, false}}},
        {"scaled_up_when_too_little",
         {{100, 25, 0}, {100, 25, 0}},
         20,
         {{50, 0, false}, {50, 0, false}}},
        {"the_second_panics_alone",
         {{100, 50, 0}, {100, 10, 0}},
         50,
         {{84, 0, false}, {16, 0, true}}},
        {"no_panic_while_together_they_suffice",
         {{100, 1, 0}, {100, 80, 0}},
         50,
         {{1, 0, false}, {99, 0, false}}},
        {"total_panic_goes_by_count", {{10, 1, 0}, {30, 1, 0}}, 50, {{25, 0, true}, {75, 0, true}}},
        {"total_panic_gives_the_rest_to_the_first",
         {{1, 0, 0}, {1, 0, 0}, {1, 0, 0}},
         50,
         {{34, 0, true}, {33, 0, true}, {33, 0, true}}},
        {"an_empty_priority_is_skipped",
         {{0, 0, 0}, {5, 5, 0}},
         50,
         {{0, 0, false}, {100, 0, false}}},
        {"healthy_of_all_priorities_before_degraded",
         {{10, 2, 8}, {10, 5, 0}},
         50,
         {{28, 2, false}, {70, 0, false}}},
        {"envoys_own_example",
         {{140, 10, 20}, {140, 20, 10}, {140, 10, 0}},
         0,
         {{16, 28, false}, {28, 14, false}, {14, 0, false}}},
    }),
    RowName);

}  // namespace
}  // namespace meshlib::pick
