// SPDX-License-Identifier: Apache-2.0
// Clusters, as istiod builds them for sidecars, gRPC clients and routers.

#ifndef MESHLIB_TRANSLATE_CLUSTER_BUILDER_H_
#define MESHLIB_TRANSLATE_CLUSTER_BUILDER_H_

#include <optional>
#include <string>

#include "manifest/destination_rule.h"
#include "translate/endpoint_index.h"
#include "translate/mesh_service.h"
#include "translate/node_class.h"
#include "translate/trust_domains.h"
#include "translate/xds.h"

namespace meshlib::translate {

// What a Cluster is made of. Borrows what it points to. A value.
struct ClusterInput {
  const NodeClass& client;
  const MeshService& service;
  const MeshPort& port;
  const manifest::DestinationRule* rule = nullptr;  // that applies to the client, or none
  const manifest::Subset* subset = nullptr;         // of `rule`, or all endpoints
  const EndpointIndex& files;                       // for names to resolve, and for identities
  const TrustDomains& trust_domains;                // of those
};

// Nothing where istiod sends none: a service of names without any.
std::optional<xds_cluster::Cluster> BuildCluster(const ClusterInput& input);

// Where requests for unknown hosts go.
xds_cluster::Cluster PassthroughCluster();
inline constexpr char kPassthroughCluster[] = "PassthroughCluster";
inline constexpr char kBlackHoleCluster[] = "BlackHoleCluster";
xds_cluster::Cluster BlackHoleCluster();

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_CLUSTER_BUILDER_H_
