// SPDX-License-Identifier: Apache-2.0
// EndpointTable: the endpoints of a Picker, sorted into what is picked from.

#ifndef MESHLIB_PICK_ENDPOINT_TABLE_H_
#define MESHLIB_PICK_ENDPOINT_TABLE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pick/endpoint_state.h"
#include "pick/picker.h"
#include "resource/cluster.h"
#include "resource/endpoint_set.h"

namespace meshlib::pick {

// Endpoints among which a pick is made by lb_policy.
struct EndpointGroup {
  uint32_t id = 0;                // dense over the table
  std::vector<uint32_t> members;  // indices of endpoints
  bool weighted = false;          // their weights differ
};

// Where a share of the load goes: the healthy or the degraded endpoints of a priority, or all of
// them in panic. Several groups are localities, each with its share of the source.
struct EndpointSource {
  uint32_t up_to = 0;  // takes the draws of 1..100 up to this, above the source before
  uint32_t id = 0;     // dense over the table
  std::vector<EndpointGroup> groups;  // never empty
  std::vector<double> group_weights;  // empty when there is one group
};

struct EndpointTable {
  // In the order of the EndpointSet; the two go together.
  std::vector<std::shared_ptr<EndpointState>> states;
  std::vector<const resource::Endpoint*> endpoints;
  std::vector<EndpointSource> sources;  // by up_to, the last one is 100
  uint32_t group_count = 0;
  // Explain() only: why a priority's endpoints are not candidates is told from its load.
  std::vector<uint32_t> priority_percent;
};

EndpointTable BuildEndpointTable(const resource::Cluster& cluster,
                                 const resource::EndpointSet& endpoints, EndpointStates& states);

}  // namespace meshlib::pick

#endif  // MESHLIB_PICK_ENDPOINT_TABLE_H_
