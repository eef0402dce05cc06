// SPDX-License-Identifier: Apache-2.0
// CallError: why a Call failed, for programs. The Status text says the same for people.

#ifndef MESHLIB_CALL_ERROR_H_
#define MESHLIB_CALL_ERROR_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "meshlib/export.h"

namespace meshlib {

// Every way in which a Call fails without an answer from a peer. Each has one of Envoy's response
// flags (https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage)
// and the HTTP status that a sidecar would have answered.
enum class CallErrorReason {
  kInvalidRequest,         // -    400  the request itself is malformed
  kNoRoute,                // NR   404  no Listener, VirtualHost or Route takes it
  kBlackHole,              // NR   502  REGISTRY_ONLY and no such host
  kClusterNotFound,        // NC   503  (or the route's cluster_not_found_response_code)
  kNoHealthyEndpoint,      // UH   503
  kConnectionFailure,      // UF   503
  kConnectionTermination,  // UC   503  the peer closed before or within its answer
  kProtocolError,          // UPE  502  the peer's answer breaks HTTP
  kPeerReset,              // UR   503
  kPeerTimeout,            // UT   504  route or per-try time-out
  kDeadline,               // DT   504  the Call's own deadline
  kIdleTimeout,            // SI   504  stream idle time-out
  kRetryLimit,             // URX  (the last Attempt's)
  kOverflow,               // UO   503  a circuit breaker is open
  kFaultAbort,             // FI   (injected; normally a response, not an error)
  kDropOverload,           // DO   503  EDS drop_overloads
  kSecurity,               // -    503  configuration asks for security that is not supported yet
  kNotReady,               // NC   503  configuration or a certificate did not arrive in time
  kBodyTooLarge,           // -    502  the answer's is larger than MeshOptions::max_buffered_body
  kCancelled,              // DC   499  by the caller
  kShutdown,               // LR   503  the Mesh is going away
};

// A value.
struct MESHLIB_EXPORT CallError {
  CallErrorReason reason;
  int http_status = 503;
  int attempts = 0;

  // Envoy's response flag, "UH"; "-" where it has none.
  std::string_view flag() const;

  friend bool operator==(const CallError&, const CallError&) = default;
};

// What a failed Call's Status carries; nullopt for a Status that no Call produced.
MESHLIB_EXPORT std::optional<CallError> CallErrorOf(const absl::Status& status);

// A Status with that error. `message` names stage, subject and cause:
// `pick: cluster "cart": no healthy endpoint (3 ejected)`.
MESHLIB_EXPORT absl::Status MakeCallError(const CallError& error, std::string_view message);

}  // namespace meshlib

#endif  // MESHLIB_CALL_ERROR_H_
