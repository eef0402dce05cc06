// SPDX-License-Identifier: Apache-2.0
#include "policy/fault_injection.h"

#include <gtest/gtest.h>

#include <optional>

namespace meshlib::policy {
namespace {

constexpr resource::FractionalPercent kAlways{1'000'000};
constexpr resource::FractionalPercent kNever{0};

resource::FaultAbort Abort(int status, resource::FractionalPercent percentage = kAlways) {
  return {.http_status = status, .grpc_status = {}, .percentage = percentage};
}
resource::FaultDelay Delay(int ms, resource::FractionalPercent percentage = kAlways) {
  return {.fixed = absl::Milliseconds(ms), .percentage = percentage};
}

class FaultInjectionTest : public testing::Test {
 protected:
  FaultInjection Start(const resource::FaultPolicy* policy, std::string_view cluster = "ratings") {
    const route::RequestHead head{
        .method = "GET", .path = "/", .authority = "ratings", .headers = &headers_};
    return FaultInjection(policy, head, cluster, active_, random_);
  }

  Headers headers_;
  resource::FaultPolicy policy_;
  std::atomic<uint32_t> active_{0};
  base::Random random_{9};
};

TEST_F(FaultInjectionTest, WithoutAPolicyNothingHappens) {
  FaultInjection fault = Start(nullptr);
  EXPECT_EQ(fault.TakeDelay(), absl::ZeroDuration());
  EXPECT_EQ(fault.TakeAbort(), std::nullopt);
}

TEST_F(FaultInjectionTest, DelaysAndThenAborts) {
  policy_.delay = Delay(50);
  policy_.abort = Abort(503);
  FaultInjection fault = Start(&policy_);
  EXPECT_EQ(fault.TakeDelay(), absl::Milliseconds(50));
  EXPECT_EQ(fault.TakeAbort(), (InjectedAbort{.http_status = 503, .grpc_status = {}}));
  EXPECT_EQ(active_.load(), 1u);
}

TEST_F(FaultInjectionTest, PercentagesAreIndependentOfEachOther) {
  policy_.delay = Delay(50, {200'000});
  policy_.abort = Abort(500, {300'000});
  int delays = 0;
  int aborts = 0;
  int both = 0;
  for (int i = 0; i < 20'000; ++i) {
    FaultInjection fault = Start(&policy_);
    const bool delayed = fault.TakeDelay() > absl::ZeroDuration();
    const bool aborted = fault.TakeAbort().has_value();
    delays += delayed ? 1 : 0;
    aborts += aborted ? 1 : 0;
    both += delayed && aborted ? 1 : 0;
  }
  EXPECT_NEAR(delays, 4'000, 250);
  EXPECT_NEAR(aborts, 6'000, 300);
  EXPECT_NEAR(both, 1'200, 150);
}

TEST_F(FaultInjectionTest, ZeroPercentAndZeroDelayAreNothing) {
  policy_.delay = Delay(0);
  policy_.abort = Abort(500, kNever);
  for (int i = 0; i < 100; ++i) {
    FaultInjection fault = Start(&policy_);
    EXPECT_EQ(fault.TakeDelay(), absl::ZeroDuration());
    EXPECT_EQ(fault.TakeAbort(), std::nullopt);
  }
}

TEST_F(FaultInjectionTest, OnlyRequestsWithTheHeadersAreHit) {
  policy_.abort = Abort(500);
  resource::StringMatcher jason;
  jason.value = "jason";
  policy_.headers = {{.name = "end-user", .match = jason}};
  EXPECT_EQ(Start(&policy_).TakeAbort(), std::nullopt);
  headers_.Set("end-user", "jason");
  EXPECT_TRUE(Start(&policy_).TakeAbort().has_value());
}

TEST_F(FaultInjectionTest, OnlyTheNamedClusterIsHit) {
  policy_.abort = Abort(500);
  policy_.cluster = "ratings";
  EXPECT_TRUE(Start(&policy_, "ratings").TakeAbort().has_value());
  EXPECT_FALSE(Start(&policy_, "reviews").TakeAbort().has_value());
}

TEST_F(FaultInjectionTest, NoMoreFaultsAtATimeThanAllowed) {
  policy_.delay = Delay(10);
  policy_.max_active_faults = 2;
  FaultInjection first = Start(&policy_);
  EXPECT_GT(first.TakeDelay(), absl::ZeroDuration());
  {
    FaultInjection second = Start(&policy_);
    EXPECT_GT(second.TakeDelay(), absl::ZeroDuration());
    FaultInjection third = Start(&policy_);
    EXPECT_EQ(third.TakeDelay(), absl::ZeroDuration());
  }
  FaultInjection fourth = Start(&policy_);
  EXPECT_GT(fourth.TakeDelay(), absl::ZeroDuration());
}

TEST_F(FaultInjectionTest, RequestsThatAreNotHitTakeNoPlace) {
  policy_.abort = Abort(500, kNever);
  FaultInjection fault = Start(&policy_);
  EXPECT_EQ(fault.TakeAbort(), std::nullopt);
  EXPECT_EQ(active_.load(), 0u);
}

TEST_F(FaultInjectionTest, AGrpcRequestGetsAGrpcStatus) {
  policy_.abort = Abort(503);
  headers_.Set("content-type", "application/grpc+proto");
  EXPECT_EQ(Start(&policy_).TakeAbort(), (InjectedAbort{.http_status = 200, .grpc_status = 14}));
  policy_.abort->grpc_status = 7;
  EXPECT_EQ(Start(&policy_).TakeAbort(), (InjectedAbort{.http_status = 200, .grpc_status = 7}));
}

TEST_F(FaultInjectionTest, AGrpcStatusIsAPlain200ForOtherRequests) {
  policy_.abort = Abort(0);
  policy_.abort->grpc_status = 7;
  headers_.Set("content-type", "application/grpc-web");
  EXPECT_EQ(Start(&policy_).TakeAbort(), (InjectedAbort{.http_status = 200, .grpc_status = {}}));
}

TEST(FaultInForceTest, TheMostSpecificLevelWins) {
  resource::HttpSettings http;
  resource::VirtualHost virtual_host;
  resource::Route route;
  resource::WeightedCluster cluster;
  http.has_fault_filter = true;
  EXPECT_EQ(FaultInForce(http, &virtual_host, &route, &cluster), nullptr);
  http.fault.emplace();
  EXPECT_EQ(FaultInForce(http, &virtual_host, &route, &cluster), &*http.fault);
  virtual_host.fault.emplace();
  EXPECT_EQ(FaultInForce(http, &virtual_host, &route, &cluster), &*virtual_host.fault);
  route.fault.emplace();
  EXPECT_EQ(FaultInForce(http, &virtual_host, &route, &cluster), &*route.fault);
  cluster.fault.emplace();
  EXPECT_EQ(FaultInForce(http, &virtual_host, &route, &cluster), &*cluster.fault);
  EXPECT_EQ(FaultInForce(http, &virtual_host, &route, nullptr), &*route.fault);
  http.has_fault_filter = false;
  EXPECT_EQ(FaultInForce(http, &virtual_host, &route, &cluster), nullptr);
}

}  // namespace
}  // namespace meshlib::policy
