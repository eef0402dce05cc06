// SPDX-License-Identifier: Apache-2.0
// Fault injection: should this Call be delayed or aborted?

#ifndef MESHLIB_POLICY_FAULT_INJECTION_H_
#define MESHLIB_POLICY_FAULT_INJECTION_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "base/random.h"
#include "policy/admission.h"
#include "resource/listener.h"
#include "resource/route_config.h"
#include "route/request_head.h"

namespace meshlib::policy {

// The fault configuration in force: the most specific level that has one; null where there is none
// or the Listener has no fault filter. `cluster` and `route` may be null.
const resource::FaultPolicy* FaultInForce(const resource::HttpSettings& http,
                                          const resource::VirtualHost* virtual_host,
                                          const resource::Route* route,
                                          const resource::WeightedCluster* cluster);

// An answer made up instead of the peer's: a gRPC request gets 200 and grpc-status. A value.
struct InjectedAbort {
  int http_status = 503;
  std::optional<int> grpc_status;
  friend bool operator==(const InjectedAbort&, const InjectedAbort&) = default;
};
inline constexpr std::string_view kInjectedAbortBody = "fault filter abort";

// The faults of one Call, Envoy's HTTPFault filter. They come before the router: first the delay,
// then the abort, none of it counted by the route's time-out or retried. One of them occupies a
// place under max_active_faults until the FaultInjection is destroyed, with the Call.
// Thread-compatible.
class FaultInjection final {
 public:
  // `policy` null: no fault. `active` counts the faults of all Calls of one Listener or client.
  // REQUIRES: `policy`, `active` and `random` outlive it; `head` is needed until it returns.
  FaultInjection(const resource::FaultPolicy* policy, const route::RequestHead& head,
                 std::string_view cluster, std::atomic<uint32_t>& active, base::Random& random);

  // How long to hold the request back; zero: not at all (flag DI otherwise). To be asked once.
  absl::Duration TakeDelay();
  // The answer, to be asked once, after the delay (flag FI); nullopt: go on.
  std::optional<InjectedAbort> TakeAbort();

 private:
  bool Occurs(resource::FractionalPercent percentage);
  bool OccupyPlace();

  const resource::FaultPolicy* policy_;
  std::atomic<uint32_t>& active_;
  base::Random& random_;
  bool grpc_request_ = false;
  CountToken place_;
};

}  // namespace meshlib::policy

#endif  // MESHLIB_POLICY_FAULT_INJECTION_H_
