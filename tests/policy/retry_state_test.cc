// SPDX-License-Identifier: Apache-2.0
#include "policy/retry_state.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "policy/retry_on.h"
#include "resource/matcher.h"

namespace meshlib::policy {
namespace {

using Kind = RetryVerdict::Kind;

resource::HeaderMatcher HeaderIs(std::string name, std::string value) {
  resource::StringMatcher exact;
  exact.value = std::move(value);
  return {.name = std::move(name), .match = exact};
}

class RetryStateTest : public testing::Test {
 protected:
  RetryState& Start(std::string_view retry_on, uint32_t num_retries = 1, Headers request = {},
                    RouterHeaders router_headers = RouterHeaders::kHonoured) {
    policy_.retry_on = ParseRetryOn(retry_on);
    policy_.num_retries = num_retries;
    return StartWith(&policy_, std::move(request), router_headers);
  }
  RetryState& StartWith(const resource::RetryPolicy* policy, Headers request,
                        RouterHeaders router_headers = RouterHeaders::kHonoured) {
    request_ = std::move(request);
    const route::RequestHead head{
        .method = "GET", .path = "/", .authority = "cart", .headers = &request_};
    return retries_.emplace(policy, head, router_headers, random_);
  }

  Kind AfterStatus(int status, const Headers& headers = {}) {
    return retries_->OnResponse(status, headers, cluster_, breakers_).kind;
  }
  Kind AfterFailure(CallErrorReason reason, AttemptProgress progress = {}) {
    return retries_->OnFailure(reason, progress, cluster_, breakers_).kind;
  }

  pick::ClusterState cluster_{resource::ClusterName("cart")};
  resource::CircuitBreakers breakers_;
  resource::RetryPolicy policy_;
  Headers request_;
  base::Random random_{1};
  std::optional<RetryState> retries_;
};

struct StatusRow {
  const char* retry_on;
  int status;
  bool want;
};

TEST_F(RetryStateTest, StatusesAreRetriedByTheirToken) {
  policy_.retriable_status_codes = {418, 503};
  const std::vector<StatusRow> rows = {
      {"5xx", 500, true},
      {"5xx", 599, true},
      {"5xx", 499, false},
      {"5xx", 200, false},
      {"gateway-error", 500, false},
      {"gateway-error", 501, false},
      {"gateway-error", 502, true},
      {"gateway-error", 503, true},
      {"gateway-error", 504, true},
      {"gateway-error", 505, false},
      {"retriable-4xx", 409, true},
      {"retriable-4xx", 404, false},
      {"retriable-status-codes", 418, true},
      {"retriable-status-codes", 503, true},
      {"retriable-status-codes", 500, false},
      {"reset", 503, false},
      {"connect-failure,refused-stream", 503, false},
      {"reset-before-request", 503, false},
      {"http3-post-connect-failure", 503, false},
      {"envoy-ratelimited", 429, false},
      {"unavailable", 503, false},
      {"", 503, false},
  };
  for (const StatusRow& row : rows) {
    Start(row.retry_on);
    EXPECT_EQ(AfterStatus(row.status), row.want ? Kind::kRetry : Kind::kNo)
        << row.retry_on << " " << row.status;
  }
}

struct HeaderRow {
  const char* retry_on;
  int status;
  const char* name;
  const char* value;
  bool want;
};

TEST_F(RetryStateTest, ResponseHeadersDecide) {
  policy_.retriable_headers = {HeaderIs("x-again", "yes"), HeaderIs("x-more", "yes")};
  const std::vector<HeaderRow> rows = {
      {"retriable-headers", 200, "x-again", "yes", true},
      {"retriable-headers", 200, "x-more", "yes", true},
      {"retriable-headers", 200, "x-again", "no", false},
      {"5xx", 200, "x-again", "yes", false},
      {"5xx", 503, "x-envoy-ratelimited", "true", false},
      {"5xx,envoy-ratelimited", 503, "x-envoy-ratelimited", "true", true},
      {"envoy-ratelimited", 200, "x-envoy-ratelimited", "", true},
      {"cancelled", 200, "grpc-status", "1", true},
      {"deadline-exceeded", 200, "grpc-status", "4", true},
      {"resource-exhausted", 200, "grpc-status", "8", true},
      {"internal", 200, "grpc-status", "13", true},
      {"unavailable", 200, "grpc-status", "14", true},
      {"unavailable", 200, "grpc-status", "13", false},
      {"unavailable", 200, "grpc-status", "0", false},
      {"cancelled,deadline-exceeded,internal", 200, "grpc-status", "2", false},
      {"unavailable", 200, "grpc-status", "", false},
      {"unavailable", 200, "grpc-status", "14x", false},
      {"5xx", 200, "grpc-status", "14", false},
  };
  for (const HeaderRow& row : rows) {
    Start(row.retry_on);
    EXPECT_EQ(AfterStatus(row.status, Headers{{row.name, row.value}}),
              row.want ? Kind::kRetry : Kind::kNo)
        << row.retry_on << " " << row.name << ": " << row.value;
  }
}

struct FailureRow {
  const char* retry_on;
  CallErrorReason reason;
  AttemptProgress progress;
  bool want;
};

TEST_F(RetryStateTest, FailuresAreRetriedByTheirToken) {
  const AttemptProgress unsent{};
  const AttemptProgress sent{.request_started = true, .refused_stream = false};
  const AttemptProgress refused{.request_started = true, .refused_stream = true};
  const std::vector<FailureRow> rows = {
      {"connect-failure", CallErrorReason::kConnectionFailure, unsent, true},
      {"reset", CallErrorReason::kConnectionFailure, unsent, true},
      {"5xx", CallErrorReason::kConnectionFailure, unsent, true},
      {"gateway-error", CallErrorReason::kConnectionFailure, unsent, true},
      {"refused-stream", CallErrorReason::kConnectionFailure, unsent, false},
      {"retriable-4xx", CallErrorReason::kConnectionFailure, unsent, false},
      {"reset-before-request", CallErrorReason::kConnectionFailure, unsent, true},
      {"connect-failure", CallErrorReason::kConnectionTermination, sent, false},
      {"reset", CallErrorReason::kConnectionTermination, sent, true},
      {"5xx", CallErrorReason::kConnectionTermination, sent, true},
      {"gateway-error", CallErrorReason::kPeerReset, sent, true},
      {"reset-before-request", CallErrorReason::kConnectionTermination, unsent, true},
      {"reset-before-request", CallErrorReason::kConnectionTermination, sent, false},
      {"refused-stream", CallErrorReason::kPeerReset, sent, false},
      {"refused-stream", CallErrorReason::kPeerReset, refused, true},
      {"reset", CallErrorReason::kProtocolError, sent, true},
      {"reset", CallErrorReason::kPeerTimeout, sent, true},
      {"5xx", CallErrorReason::kPeerTimeout, sent, true},
      {"gateway-error", CallErrorReason::kPeerTimeout, sent, true},
      {"connect-failure", CallErrorReason::kPeerTimeout, sent, false},
      {"retriable-status-codes,unavailable", CallErrorReason::kPeerReset, sent, false},
      {"5xx,reset", CallErrorReason::kOverflow, unsent, false},
      {"5xx,reset", CallErrorReason::kNoHealthyEndpoint, unsent, false},
      {"5xx,reset", CallErrorReason::kDeadline, sent, false},
      {"5xx,reset", CallErrorReason::kCancelled, sent, false},
      {"5xx,reset", CallErrorReason::kFaultAbort, unsent, false},
      {"5xx,reset", CallErrorReason::kBodyTooLarge, sent, false},
      {"5xx,reset", CallErrorReason::kShutdown, unsent, false},
  };
  for (const FailureRow& row : rows) {
    Start(row.retry_on);
    EXPECT_EQ(AfterFailure(row.reason, row.progress), row.want ? Kind::kRetry : Kind::kNo)
        << row.retry_on << " reason " << static_cast<int>(row.reason);
  }
}

TEST_F(RetryStateTest, ACallHasAsManyRetriesAsConfigured) {
  Start("5xx", 2);
  EXPECT_EQ(AfterStatus(503), Kind::kRetry);
  EXPECT_EQ(AfterStatus(503), Kind::kRetry);
  EXPECT_FALSE(retries_->enabled());
  EXPECT_EQ(AfterStatus(503), Kind::kLimitExceeded);
  EXPECT_EQ(AfterStatus(200), Kind::kNo);
}

TEST_F(RetryStateTest, WithoutAPolicyNothingIsRetried) {
  StartWith(nullptr, {});
  EXPECT_FALSE(retries_->enabled());
  EXPECT_EQ(AfterStatus(503), Kind::kNo);
  EXPECT_EQ(AfterFailure(CallErrorReason::kConnectionFailure), Kind::kNo);
}

TEST_F(RetryStateTest, OneRetryHoldsOnePlaceUntilItIsOver) {
  Start("5xx", 5);
  EXPECT_EQ(AfterStatus(503), Kind::kRetry);
  EXPECT_EQ(cluster_.active_retries.load(), 1u);
  EXPECT_EQ(AfterStatus(503), Kind::kRetry);
  EXPECT_EQ(cluster_.active_retries.load(), 1u);
  EXPECT_EQ(AfterStatus(200), Kind::kNo);
  EXPECT_EQ(cluster_.active_retries.load(), 0u);
  EXPECT_EQ(AfterStatus(503), Kind::kRetry);
  retries_.reset();
  EXPECT_EQ(cluster_.active_retries.load(), 0u);
}

TEST_F(RetryStateTest, TheClustersLimitStopsRetriesOfOtherCalls) {
  breakers_.max_retries = 3;
  cluster_.active_retries = 3;
  Start("5xx", 5);
  EXPECT_EQ(AfterStatus(503), Kind::kOverflow);
  EXPECT_EQ(cluster_.active_retries.load(), 3u);
  EXPECT_EQ(retries_->retries_left(), 4u);
}

TEST_F(RetryStateTest, RetriesWaitLongerAndLonger) {
  int64_t longest[3] = {};
  for (int run = 0; run < 2'000; ++run) {
    Start("5xx", 3);
    for (int64_t& wait : longest) {
      const RetryVerdict verdict = retries_->OnResponse(503, {}, cluster_, breakers_);
      wait = std::max(wait, absl::ToInt64Milliseconds(verdict.backoff));
    }
  }
  EXPECT_EQ(longest[0], 24);
  EXPECT_EQ(longest[1], 49);
  EXPECT_EQ(longest[2], 99);
}

TEST_F(RetryStateTest, RequestHeadersAddToThePolicy) {
  StartWith(nullptr, {{"x-envoy-retry-on", "gateway-error"}});
  EXPECT_EQ(AfterStatus(503), Kind::kRetry);
  EXPECT_EQ(AfterStatus(503), Kind::kLimitExceeded);

  StartWith(nullptr, {{"x-envoy-retry-grpc-on", "unavailable"}, {"x-envoy-max-retries", "3"}});
  EXPECT_EQ(retries_->retries_left(), 3u);
  EXPECT_EQ(AfterStatus(200, {{"grpc-status", "14"}}), Kind::kRetry);

  Start("retriable-status-codes", 1, {{"x-envoy-retriable-status-codes", "404, 410,x"}});
  EXPECT_EQ(AfterStatus(410), Kind::kRetry);

  Start("retriable-headers", 1, {{"x-envoy-retriable-header-names", "X-One, x-two"}});
  EXPECT_EQ(AfterStatus(200, {{"x-one", "1"}}), Kind::kRetry);
}

TEST_F(RetryStateTest, MaxRetriesOfTheRequestWins) {
  Start("5xx", 5, {{"x-envoy-max-retries", "0"}});
  EXPECT_EQ(AfterStatus(503), Kind::kLimitExceeded);
  Start("5xx", 1, {{"x-envoy-max-retries", "many"}});
  EXPECT_EQ(AfterStatus(503), Kind::kRetry);
}

TEST_F(RetryStateTest, HeadersOfExternalRequestsDoNotCount) {
  Start("5xx", 1, {{"x-envoy-max-retries", "9"}, {"x-envoy-retry-on", "retriable-4xx"}},
        RouterHeaders::kIgnored);
  EXPECT_EQ(AfterStatus(409), Kind::kNo);
  EXPECT_EQ(AfterStatus(503), Kind::kRetry);
  EXPECT_EQ(AfterStatus(503), Kind::kLimitExceeded);
}

TEST_F(RetryStateTest, OnlyRequestsWithARetriableHeaderAreRetried) {
  policy_.retriable_request_headers = {HeaderIs("x-safe", "1"), HeaderIs(":method", "PUT")};
  Start("5xx", 1, {{"x-safe", "1"}});
  EXPECT_EQ(AfterStatus(503), Kind::kRetry);
  Start("5xx", 1, {{"x-safe", "2"}, {"x-envoy-retry-on", "reset"}});
  EXPECT_FALSE(retries_->enabled());
  EXPECT_EQ(AfterStatus(503), Kind::kNo);
}

TEST_F(RetryStateTest, TellsHowToAvoidPreviousEndpoints) {
  policy_.avoid_previous_endpoints = true;
  policy_.host_selection_retry_max_attempts = 5;
  Start("5xx");
  EXPECT_TRUE(retries_->avoids_previous_endpoints());
  EXPECT_EQ(retries_->max_reselects(), 5u);
}

}  // namespace
}  // namespace meshlib::policy
