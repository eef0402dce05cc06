// SPDX-License-Identifier: Apache-2.0
// FaultPolicy: envoy.extensions.filters.http.fault.v3.HTTPFault.

#ifndef MESHLIB_RESOURCE_FAULT_H_
#define MESHLIB_RESOURCE_FAULT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "resource/matcher.h"

namespace meshlib::resource {

struct FaultAbort {
  int http_status = 0;  // 200-599; unused when grpc_status is set
  std::optional<int> grpc_status;
  FractionalPercent percentage;
  friend bool operator==(const FaultAbort&, const FaultAbort&) = default;
};

struct FaultDelay {
  absl::Duration fixed;
  FractionalPercent percentage;
  friend bool operator==(const FaultDelay&, const FaultDelay&) = default;
};

// A value. One with neither abort nor delay switches injection off for its level.
struct FaultPolicy {
  std::optional<FaultAbort> abort;
  std::optional<FaultDelay> delay;
  std::vector<HeaderMatcher> headers;  // only requests that match all of them
  std::optional<uint32_t> max_active_faults;
  // Only requests to this cluster (HTTPFault.upstream_cluster); empty: all.
  std::string cluster;
  friend bool operator==(const FaultPolicy&, const FaultPolicy&) = default;
};

}  // namespace meshlib::resource

#endif  // MESHLIB_RESOURCE_FAULT_H_
