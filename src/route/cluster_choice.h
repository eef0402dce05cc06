// SPDX-License-Identifier: Apache-2.0
// Which cluster of a route's takes a request.

#ifndef MESHLIB_ROUTE_CLUSTER_CHOICE_H_
#define MESHLIB_ROUTE_CLUSTER_CHOICE_H_

#include <cstdint>
#include <string_view>

#include "route/request_head.h"
#include "route/route_table.h"

namespace meshlib::route {

// A value; views into the route, or into the request's headers for ClusterHeader.
struct ClusterChoice {
  std::string_view name;            // empty: cluster_header is absent, so no such cluster
  ClusterIndex index = kNoCluster;  // into RouteTable::clusters(); kNoCluster for ClusterHeader
  const resource::WeightedCluster* weighted = nullptr;  // set for WeightedClusters only
};

// `random` decides between weighted clusters unless their random_value_header holds exactly one
// field with a number. No allocation. REQUIRES: the action is a ForwardAction.
ClusterChoice ChooseCluster(const CompiledRoute& route, const RequestHead& head, uint64_t random);

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_CLUSTER_CHOICE_H_
