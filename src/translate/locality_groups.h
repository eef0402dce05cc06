// SPDX-License-Identifier: Apache-2.0
// LocalityGroups: the endpoints of a cluster by locality, as a client in its own locality sees
// them.

#ifndef MESHLIB_TRANSLATE_LOCALITY_GROUPS_H_
#define MESHLIB_TRANSLATE_LOCALITY_GROUPS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "manifest/traffic_policy.h"
#include "translate/endpoint_index.h"

namespace meshlib::translate {

// LocalityLbEndpoints. Points to the endpoints. A value.
struct LocalityGroup {
  std::string locality;  // "region/zone/subzone"
  uint32_t priority = 0;
  uint32_t weight = 0;  // the sum of its endpoints', unless it is distributed
  std::vector<const MeshEndpoint*> endpoints;
};

// By the name of the locality. `endpoints` must outlive the result.
std::vector<LocalityGroup> GroupByLocality(const std::vector<MeshEndpoint>& endpoints);

// Istio's localityLbSetting for a client with that locality and these labels: `distribute` sets
// weights and empties localities that are not named; else, with outlier detection only, the
// priorities are those of `failoverPriority` and `failover`, of nearness where there is neither.
void ApplyLocalityPolicy(const manifest::TrafficPolicy& policy, const std::string& locality,
                         const std::map<std::string, std::string>& labels,
                         std::vector<LocalityGroup>& groups);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_LOCALITY_GROUPS_H_
