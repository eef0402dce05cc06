// SPDX-License-Identifier: Apache-2.0
// Endpoints of a cluster, as xDS.

#ifndef MESHLIB_TRANSLATE_ENDPOINT_BUILDER_H_
#define MESHLIB_TRANSLATE_ENDPOINT_BUILDER_H_

#include <string>
#include <vector>

#include "manifest/traffic_policy.h"
#include "translate/endpoint_index.h"
#include "translate/node_class.h"
#include "translate/xds.h"

namespace meshlib::translate {

// By locality, with weights and priorities as ApplyLocalityPolicy() gives them to the client.
xds_endpoint::ClusterLoadAssignment BuildEndpoints(const std::string& cluster,
                                                   const std::vector<MeshEndpoint>& endpoints,
                                                   const manifest::TrafficPolicy& policy,
                                                   const NodeClass& client);

// Leaves those that carry all of `labels`.
void KeepLabelled(const manifest::Labels& labels, std::vector<MeshEndpoint>& endpoints);

// What a service of names leads to: its endpoints, else its own host.
std::vector<MeshEndpoint> NamesToResolve(const MeshService& service, const MeshPort& port,
                                         const EndpointIndex& files);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_ENDPOINT_BUILDER_H_
