// SPDX-License-Identifier: Apache-2.0
// RetryPolicy: envoy.config.route.v3.RetryPolicy.

#ifndef MESHLIB_RESOURCE_RETRY_POLICY_H_
#define MESHLIB_RESOURCE_RETRY_POLICY_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "resource/matcher.h"

namespace meshlib::resource {

// Bits of retry_on: Envoy's x-envoy-retry-on and x-envoy-retry-grpc-on tokens.
enum RetryOn : uint32_t {
  kRetryOn5xx = 1u << 0,
  kRetryOnGatewayError = 1u << 1,
  kRetryOnReset = 1u << 2,
  kRetryOnResetBeforeRequest = 1u << 3,
  kRetryOnConnectFailure = 1u << 4,
  kRetryOnEnvoyRateLimited = 1u << 5,
  kRetryOnRetriable4xx = 1u << 6,
  kRetryOnRefusedStream = 1u << 7,
  kRetryOnRetriableStatusCodes = 1u << 8,
  kRetryOnRetriableHeaders = 1u << 9,
  kRetryOnHttp3PostConnectFailure = 1u << 10,
  kRetryOnGrpcCancelled = 1u << 11,
  kRetryOnGrpcDeadlineExceeded = 1u << 12,
  kRetryOnGrpcInternal = 1u << 13,
  kRetryOnGrpcResourceExhausted = 1u << 14,
  kRetryOnGrpcUnavailable = 1u << 15,
};

// A value.
struct RetryPolicy {
  uint32_t retry_on = 0;                          // RetryOn bits
  uint32_t num_retries = 1;                       // Attempts beyond the first
  std::optional<absl::Duration> per_try_timeout;  // absent: the route's timeout
  std::optional<absl::Duration> per_try_idle_timeout;
  bool avoid_previous_endpoints = false;  // predicate envoy.retry_host_predicates.previous_hosts
  uint32_t host_selection_retry_max_attempts = 1;
  std::vector<uint32_t> retriable_status_codes;
  std::vector<HeaderMatcher> retriable_headers;          // of the response
  std::vector<HeaderMatcher> retriable_request_headers;  // empty: every request
  absl::Duration backoff_base = absl::Milliseconds(25);
  absl::Duration backoff_max = absl::Milliseconds(250);

  friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

}  // namespace meshlib::resource

#endif  // MESHLIB_RESOURCE_RETRY_POLICY_H_
