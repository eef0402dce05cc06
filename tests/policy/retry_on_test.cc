// SPDX-License-Identifier: Apache-2.0
#include "policy/retry_on.h"

#include <gtest/gtest.h>

#include "resource/retry_policy.h"

namespace meshlib::policy {
namespace {

TEST(RetryOnTest, EveryTokenIsKnownBothWays) {
  const char* all =
      "5xx,gateway-error,reset,reset-before-request,connect-failure,envoy-ratelimited,"
      "retriable-4xx,refused-stream,retriable-status-codes,retriable-headers,"
      "http3-post-connect-failure,cancelled,deadline-exceeded,internal,resource-exhausted,"
      "unavailable";
  EXPECT_EQ(ParseRetryOn(all), 0xffffu);
  EXPECT_EQ(RetryOnToString(0xffff), all);
}

TEST(RetryOnTest, BlanksAndUnknownTokensAreLeftOut) {
  EXPECT_EQ(ParseRetryOn(" 5xx , reset,503,,nonsense, unavailable\t"),
            resource::kRetryOn5xx | resource::kRetryOnReset | resource::kRetryOnGrpcUnavailable);
  EXPECT_EQ(ParseRetryOn(""), 0u);
  EXPECT_EQ(ParseRetryOn("5XX"), 0u);
}

TEST(RetryOnTest, NoneIsTheEmptyText) { EXPECT_EQ(RetryOnToString(0), ""); }

}  // namespace
}  // namespace meshlib::policy
