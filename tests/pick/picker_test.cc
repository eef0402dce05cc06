// SPDX-License-Identifier: Apache-2.0
#include "pick/picker.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "pick/picker_fixture.h"

namespace meshlib::pick {
namespace {

using resource::Health;
using resource::LbPolicy;

class PickerTest : public PickerFixture {};

TEST_F(PickerTest, WaitsWhileThereIsNoEndpointSet) {
  picker_ = BuildPicker(cluster_, nullptr, registry_);
  EXPECT_TRUE(std::holds_alternative<PickWait>(Pick()));
}

TEST_F(PickerTest, RoundRobinRotates) {
  for (int i : {1, 2, 3}) endpoints().push_back(EndpointAt(i));
  Build();
  const int first = Number(Pick());
  for (int i = 1; i < 9; ++i) EXPECT_EQ(Number(Pick()), (first - 1 + i) % 3 + 1);
}

TEST_F(PickerTest, RoundRobinStartsAtARandomEndpoint) {
  for (int i : {1, 2, 3, 4}) endpoints().push_back(EndpointAt(i));
  Build();
  Counts firsts;
  for (int i = 0; i < 200; ++i) {
    state_.reset();
    ++firsts[Number(Pick())];
  }
  EXPECT_EQ(firsts.size(), 4u);
}

TEST_F(PickerTest, RoundRobinFollowsWeightsExactly) {
  endpoints() = {EndpointAt(1, {}, 1), EndpointAt(2, {}, 3), EndpointAt(3, {}, 6)};
  Build();
  const Counts counts = PickMany(1000);
  EXPECT_NEAR(counts.at(1), 100, 1);
  EXPECT_NEAR(counts.at(2), 300, 1);
  EXPECT_NEAR(counts.at(3), 600, 1);
}

TEST_F(PickerTest, RandomIsUniformAndIgnoresWeights) {
  for (LbPolicy policy : {LbPolicy::kRandom, LbPolicy::kRingHash, LbPolicy::kMaglev}) {
    cluster_.lb_policy = policy;
    endpoints() = {EndpointAt(1, {}, 1), EndpointAt(2, {}, 100)};
    Build();
    EXPECT_NEAR(PickMany(10'000)[1], 5'000, 200);
  }
}

TEST_F(PickerTest, LeastRequestPrefersTheLessLoadedOfTwo) {
  cluster_.lb_policy = LbPolicy::kLeastRequest;
  for (int i : {1, 2, 3, 4}) endpoints().push_back(EndpointAt(i));
  Build();
  State(1).active_requests = 5;
  // The loaded one wins only when it is drawn twice: 1 of 16.
  const Counts counts = PickMany(16'000);
  EXPECT_NEAR(counts.at(1), 1'000, 120);
  EXPECT_NEAR(counts.at(2), 5'000, 220);
}

TEST_F(PickerTest, LeastRequestDrawsAsManyChoicesAsConfigured) {
  cluster_.lb_policy = LbPolicy::kLeastRequest;
  cluster_.least_request_choices = 3;
  for (int i : {1, 2}) endpoints().push_back(EndpointAt(i));
  Build();
  State(1).active_requests = 1;
  EXPECT_NEAR(PickMany(16'000)[1], 2'000, 150);  // 1 of 2^3
}

TEST_F(PickerTest, LeastRequestWithWeightsDividesThemByTheLoad) {
  cluster_.lb_policy = LbPolicy::kLeastRequest;
  endpoints() = {EndpointAt(1, {}, 2), EndpointAt(2, {}, 1)};
  Build();
  EXPECT_NEAR(PickMany(3'000)[1], 2'000, 2);
  State(1).active_requests = 3;  // 2 / 4 against 1
  EXPECT_NEAR(PickMany(3'000)[1], 1'000, 3);
}

TEST_F(PickerTest, ABiasOfZeroLeavesTheWeightsAlone) {
  cluster_.lb_policy = LbPolicy::kLeastRequest;
  cluster_.active_request_bias = 0;
  endpoints() = {EndpointAt(1, {}, 2), EndpointAt(2, {}, 1)};
  Build();
  State(1).active_requests = 100;
  EXPECT_NEAR(PickMany(3'000)[1], 2'000, 2);
}

TEST_F(PickerTest, ABiasOfTwoSquaresTheLoad) {
  cluster_.lb_policy = LbPolicy::kLeastRequest;
  cluster_.active_request_bias = 2;
  endpoints() = {EndpointAt(1, {}, 8), EndpointAt(2, {}, 1)};
  Build();
  State(1).active_requests = 1;  // 8 / 2^2
  EXPECT_NEAR(PickMany(3'000)[1], 2'000, 4);
}

TEST_F(PickerTest, UnhealthyAndDrainingEndpointsAreOut) {
  endpoints() = {EndpointAt(1), EndpointAt(2, Health::kUnhealthy), EndpointAt(3, Health::kDraining),
                 EndpointAt(4)};
  Build();
  EXPECT_EQ(PickMany(100), (Counts{{1, 50}, {4, 50}}));
}

TEST_F(PickerTest, BelowThePanicThresholdHealthDoesNotCount) {
  endpoints() = {EndpointAt(1), EndpointAt(2, Health::kUnhealthy),
                 EndpointAt(3, Health::kDraining)};
  Build();
  EXPECT_EQ(PickMany(99), (Counts{{1, 33}, {2, 33}, {3, 33}}));
}

TEST_F(PickerTest, PanicCanBeTurnedOff) {
  cluster_.healthy_panic_percent = 0;
  endpoints() = {EndpointAt(1), EndpointAt(2, Health::kUnhealthy),
                 EndpointAt(3, Health::kUnhealthy)};
  Build();
  EXPECT_EQ(PickMany(100), (Counts{{1, 100}}));
}

TEST_F(PickerTest, FailureSaysWhyNobodyIsThere) {
  cluster_.healthy_panic_percent = 0;
  endpoints() = {EndpointAt(1, Health::kUnhealthy), EndpointAt(2, Health::kUnhealthy),
                 EndpointAt(3, Health::kDraining)};
  Build();
  EXPECT_EQ(*std::get<PickFail>(Pick()).reason,
            "cluster \"cart\": no healthy endpoint (2 unhealthy, 1 draining)");
}

TEST_F(PickerTest, FailureOfAnEmptyClusterSaysSo) {
  set_.localities.clear();
  Build();
  EXPECT_EQ(*std::get<PickFail>(Pick()).reason, "cluster \"cart\": no endpoint");
}

TEST_F(PickerTest, PreviousEndpointsAreAvoidedAsFarAsReselectsGo) {
  for (int i : {1, 2, 3}) endpoints().push_back(EndpointAt(i));
  Build();
  const std::vector<const EndpointState*> previous = {&State(1), &State(2)};
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Number(Pick(previous, 2)), 3);
}

TEST_F(PickerTest, WithoutReselectsPreviousEndpointsAreTakenAgain) {
  for (int i : {1, 2}) endpoints().push_back(EndpointAt(i));
  Build();
  Counts counts;
  for (int i = 0; i < 10; ++i) ++counts[Number(Pick({&State(1)}, 0))];
  EXPECT_EQ(counts, (Counts{{1, 5}, {2, 5}}));
}

TEST_F(PickerTest, TheLastChoiceStandsWhenAllWereTried) {
  endpoints() = {EndpointAt(1)};
  Build();
  EXPECT_EQ(Number(Pick({&State(1)}, 5)), 1);
}

TEST_F(PickerTest, DropsAShareOfFirstAttemptsAndNoRetries) {
  endpoints() = {EndpointAt(1)};
  set_.drops = {{"throttle", 250'000}, {"lb", 500'000}};
  Build();
  int throttled = 0;
  int passed = 0;
  for (int i = 0; i < 8'000; ++i) {
    const PickResult result = Pick();
    const auto* drop = std::get_if<PickDrop>(&result);
    throttled += drop != nullptr && *drop->category == "throttle" ? 1 : 0;
    passed += drop == nullptr ? 1 : 0;
  }
  EXPECT_NEAR(throttled, 2'000, 150);
  EXPECT_NEAR(passed, 3'000, 180);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Number(Pick({&State(1)})), 1);
}

TEST_F(PickerTest, TellsWhatTheConnectionNeeds) {
  endpoints() = {EndpointAt(1)};
  endpoints()[0].tls_mode = resource::TlsMode::kIstio;
  endpoints()[0].details = std::make_shared<resource::Endpoint::Details>(
      resource::Endpoint::Details{.hostname = "cart.example", .workload = ""});
  Build();
  const Picked picked = std::get<Picked>(Pick());
  EXPECT_EQ(picked.tls_mode, resource::TlsMode::kIstio);
  EXPECT_EQ(*picked.hostname, "cart.example");
  EXPECT_EQ(picked.owner->get(), picked.endpoint);
}

}  // namespace
}  // namespace meshlib::pick
