// SPDX-License-Identifier: Apache-2.0
// DestinationRule: networking.istio.io DestinationRule.

#ifndef MESHLIB_MANIFEST_DESTINATION_RULE_H_
#define MESHLIB_MANIFEST_DESTINATION_RULE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "manifest/object_meta.h"
#include "manifest/traffic_policy.h"

namespace meshlib::manifest {

// A value.
struct Subset {
  std::string name;
  Labels labels;
  std::optional<TrafficPolicy> traffic_policy;
  Position position;

  friend bool operator==(const Subset&, const Subset&) = default;
};

// A value.
struct DestinationRule {
  ObjectMeta meta;
  std::string host;  // as written: short names are not expanded
  std::optional<TrafficPolicy> traffic_policy;
  std::vector<Subset> subsets;
  std::vector<std::string> export_to;       // empty: everybody
  std::optional<Labels> workload_selector;  // the clients that it is for
  Position host_position;

  friend bool operator==(const DestinationRule&, const DestinationRule&) = default;
};

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_DESTINATION_RULE_H_
