// SPDX-License-Identifier: Apache-2.0
// RetryState: may this Call have another Attempt, and when?
//
//   RetryState retries(policy, head, caller_headers, random);
//   ...
//   RetryVerdict verdict = retries.OnFailure(reason, progress, cluster_state, breakers);
//   if (verdict.kind == RetryVerdict::Kind::kRetry) { wait verdict.backoff, then the next Attempt }

#ifndef MESHLIB_POLICY_RETRY_STATE_H_
#define MESHLIB_POLICY_RETRY_STATE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "base/random.h"
#include "meshlib/call_error.h"
#include "meshlib/headers.h"
#include "pick/endpoint_state.h"
#include "policy/admission.h"
#include "policy/retry_backoff.h"
#include "resource/cluster.h"
#include "resource/retry_policy.h"
#include "route/request_head.h"

namespace meshlib::policy {

// Whether the request's x-envoy-retry-on, x-envoy-retry-grpc-on, x-envoy-max-retries,
// x-envoy-retriable-status-codes, x-envoy-retriable-header-names and time-out headers count.
// Envoy honours them on internal requests (IsInternalRequest) and removes them from others.
enum class RouterHeaders : uint8_t { kHonoured, kIgnored };

// What is known of an Attempt that got no answer, besides its CallErrorReason.
struct AttemptProgress {
  bool request_started = false;  // a byte of the request was sent (reset-before-request)
  bool refused_stream = false;   // HTTP/2 REFUSED_STREAM
};

// A value.
struct RetryVerdict {
  enum class Kind : uint8_t {
    kNo,             // the outcome is not one that is retried: it stands
    kRetry,          // make another Attempt after `backoff`
    kLimitExceeded,  // it would be, but the Call has had its retries (URX)
    kOverflow,       // it would be, but the Cluster has its retries under way (UO)
  };
  Kind kind = Kind::kNo;
  absl::Duration backoff;
  friend bool operator==(const RetryVerdict&, const RetryVerdict&) = default;
};

// Envoy's RetryStateImpl. A place in the Cluster's retry limit is held from the decision to retry
// until the next decision or the end of the RetryState. Does not allocate unless request headers
// add to the policy. Thread-compatible.
class RetryState final {
 public:
  // `policy` null: retries only as the request's headers ask for. REQUIRES: `policy` and `random`
  // outlive it; `head` is needed until the constructor returns.
  RetryState(const resource::RetryPolicy* policy, const route::RequestHead& head,
             RouterHeaders router_headers, base::Random& random);
  RetryState(const RetryState&) = delete;
  RetryState& operator=(const RetryState&) = delete;

  // False: there will be no retry whatever happens, so the request body need not be kept.
  bool enabled() const { return retry_on_ != 0 && retries_left_ > 0; }
  uint32_t retry_on() const { return retry_on_; }
  uint32_t retries_left() const { return retries_left_; }
  // For PickArgs::max_reselects, and whether PickArgs::previous is to be given at all.
  uint32_t max_reselects() const;
  bool avoids_previous_endpoints() const;

  // The head of an answer has arrived; of a gRPC answer without body it holds grpc-status.
  // REQUIRES: `cluster` outlives the RetryState.
  RetryVerdict OnResponse(int status, const Headers& headers, pick::ClusterState& cluster,
                          const resource::CircuitBreakers& breakers);
  // The Attempt ended without an answer. kPeerTimeout means the per-try time-out: the route's own
  // time-out ends the Call and is not asked about.
  RetryVerdict OnFailure(CallErrorReason reason, const AttemptProgress& progress,
                         pick::ClusterState& cluster, const resource::CircuitBreakers& breakers);
  // The outcome stands without having been asked about: gives the place back.
  void OnSettled() { place_.Release(); }

 private:
  void AddFromHeaders(const Headers& headers);
  bool WouldRetry(int status, const Headers& headers) const;
  bool WouldRetry(CallErrorReason reason, const AttemptProgress& progress) const;
  bool IsRetriableStatus(int status) const;
  bool HasRetriableHeader(int status, const Headers& headers) const;
  RetryVerdict Decide(bool would_retry, pick::ClusterState& cluster,
                      const resource::CircuitBreakers& breakers);

  const resource::RetryPolicy* const policy_;
  uint32_t retry_on_ = 0;
  uint32_t retries_left_ = 0;
  std::vector<uint32_t> more_status_codes_;     // from the request's headers
  std::vector<std::string> more_header_names_;  // as well; lower case
  RetryBackoff backoff_;
  CountToken place_;
};

}  // namespace meshlib::policy

#endif  // MESHLIB_POLICY_RETRY_STATE_H_
