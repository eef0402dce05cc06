// SPDX-License-Identifier: Apache-2.0
#include "policy/admission.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace meshlib::policy {
namespace {

class AdmissionTest : public testing::Test {
 protected:
  pick::ClusterState state_{resource::ClusterName("cart")};
  resource::CircuitBreakers breakers_;
};

TEST_F(AdmissionTest, RefusesBeyondTheLimitAndAdmitsAgainAfterwards) {
  breakers_.max_requests = 2;
  CountToken first = AdmitRequest(state_, breakers_);
  CountToken second = AdmitRequest(state_, breakers_);
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(AdmitRequest(state_, breakers_));
  EXPECT_EQ(state_.active_requests.load(), 2u);
  first.Release();
  EXPECT_TRUE(AdmitRequest(state_, breakers_));
}

TEST_F(AdmissionTest, ALimitOfZeroAdmitsNothing) {
  breakers_ = {.max_connections = 0,
               .max_pending_requests = 0,
               .max_requests = 0,
               .max_retries = 0,
               .retry_budget = {}};
  EXPECT_FALSE(AdmitRequest(state_, breakers_));
  EXPECT_FALSE(AdmitPending(state_, breakers_));
  EXPECT_FALSE(AdmitConnection(state_, breakers_));
  EXPECT_FALSE(AdmitRetry(state_, breakers_));
}

TEST_F(AdmissionTest, EachLimitHasItsOwnCounter) {
  breakers_ = {.max_connections = 1,
               .max_pending_requests = 1,
               .max_requests = 1,
               .max_retries = 1,
               .retry_budget = {}};
  const CountToken request = AdmitRequest(state_, breakers_);
  const CountToken pending = AdmitPending(state_, breakers_);
  const CountToken connection = AdmitConnection(state_, breakers_);
  const CountToken retry = AdmitRetry(state_, breakers_);
  EXPECT_TRUE(request && pending && connection && retry);
  EXPECT_EQ(state_.connections.load(), 1u);
}

TEST_F(AdmissionTest, ATokenGivesItsPlaceBackOnce) {
  {
    CountToken token = AdmitRequest(state_, breakers_);
    CountToken moved = std::move(token);
    CountToken other = AdmitRequest(state_, breakers_);
    EXPECT_EQ(state_.active_requests.load(), 2u);
    other = std::move(moved);
    EXPECT_EQ(state_.active_requests.load(), 1u);
  }
  EXPECT_EQ(state_.active_requests.load(), 0u);
}

struct BudgetRow {
  uint32_t active, pending;
  double percent;
  uint32_t minimum;
  uint64_t want;
};

TEST_F(AdmissionTest, ARetryBudgetIsAPartOfWhatIsUnderWay) {
  const std::vector<BudgetRow> rows = {
      {0, 0, 20, 3, 3},   {10, 0, 20, 3, 3},   {15, 5, 20, 3, 4}, {80, 20, 20, 3, 20},
      {0, 50, 50, 3, 25}, {100, 0, 0.5, 0, 0}, {19, 0, 10, 0, 1}, {7, 0, 100, 3, 7},
  };
  for (const BudgetRow& row : rows) {
    state_.active_requests = row.active;
    state_.pending_requests = row.pending;
    breakers_.retry_budget = {.budget_percent = row.percent, .min_retry_concurrency = row.minimum};
    EXPECT_EQ(RetryLimit(state_, breakers_), row.want) << row.active << " " << row.percent;
  }
}

TEST_F(AdmissionTest, TheBudgetReplacesMaxRetries) {
  breakers_.max_retries = 0;
  breakers_.retry_budget = {.budget_percent = 20, .min_retry_concurrency = 1};
  const CountToken first = AdmitRetry(state_, breakers_);
  EXPECT_TRUE(first);
  EXPECT_FALSE(AdmitRetry(state_, breakers_));
}

}  // namespace
}  // namespace meshlib::policy
