// SPDX-License-Identifier: Apache-2.0
// CallTimeouts: how long a Call and its Attempts may take.

#ifndef MESHLIB_POLICY_CALL_TIMEOUTS_H_
#define MESHLIB_POLICY_CALL_TIMEOUTS_H_

#include <optional>

#include "absl/time/time.h"
#include "meshlib/call_error.h"
#include "meshlib/headers.h"
#include "policy/retry_state.h"
#include "resource/listener.h"
#include "resource/retry_policy.h"
#include "resource/route_config.h"

namespace meshlib::policy {

// What the route, its retry policy and the request's headers come to. Absent: no limit. A value.
struct CallTimeouts {
  // From the end of the request until the end of the answer, retries and their waits included
  // (RouteAction.timeout; x-envoy-upstream-rq-timeout-ms replaces it, 0 is none).
  std::optional<absl::Duration> route;
  // Of one Attempt, from the end of the request. Never as long as `route`.
  std::optional<absl::Duration> per_try;
  std::optional<absl::Duration> per_try_idle;
  // Without a byte in either direction.
  std::optional<absl::Duration> idle;
  // From the start of the Call (max_stream_duration); a route with it has no `route` time-out.
  std::optional<absl::Duration> stream;
  friend bool operator==(const CallTimeouts&, const CallTimeouts&) = default;
};

// As Envoy's FilterUtility::finalTimeout. `retry_policy` may be null.
CallTimeouts DecideTimeouts(const resource::ForwardAction& action,
                            const resource::RetryPolicy* retry_policy,
                            const resource::HttpSettings& http, const Headers& request,
                            RouterHeaders router_headers);

// When something ends, and what it ends with. A value.
struct Deadline {
  absl::Time at = absl::InfiniteFuture();
  CallErrorReason reason = CallErrorReason::kDeadline;
  friend bool operator==(const Deadline&, const Deadline&) = default;
};

// The end of the whole Call: kDeadline for the caller's own deadline and max_stream_duration,
// kPeerTimeout for the route's time-out. `request_end` is absent while the request is being sent,
// which the route's time-out does not count.
Deadline CallDeadline(const CallTimeouts& timeouts, absl::Time call_start,
                      std::optional<absl::Time> request_end, absl::Time callers_deadline);

// The end of an Attempt. A retry follows only when this is earlier than the Call's: `reason` is
// then kPeerTimeout and `at` the end of the per-try time-out.
Deadline AttemptDeadline(const CallTimeouts& timeouts, absl::Time attempt_start,
                         std::optional<absl::Time> request_end, const Deadline& call);

// x-envoy-expected-rq-timeout-ms for an Attempt: the per-try time-out, or else what is left of the
// route's, in whole milliseconds. Without either, what `headers` has stays. `elapsed` counts from
// the end of the request.
void SetExpectedTimeout(const CallTimeouts& timeouts, absl::Duration elapsed, Headers& headers);

// Removes the headers that a router consumes and never forwards (x-envoy-retry-on and its kin,
// x-envoy-upstream-rq-timeout-ms, x-envoy-upstream-rq-per-try-timeout-ms).
void RemoveRouterHeaders(Headers& headers);

}  // namespace meshlib::policy

#endif  // MESHLIB_POLICY_CALL_TIMEOUTS_H_
