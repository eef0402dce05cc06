// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_types.h"

#include "proto/type_urls.h"
#include "xds/decode_cluster.h"
#include "xds/decode_endpoint_set.h"
#include "xds/decode_listener.h"
#include "xds/decode_route_config.h"

namespace meshlib::xds {

ResourceTypeOf<resource::Listener> ListenerType() {
  return ResourceTypeOf<resource::Listener>::Listed(proto::kListenerTypeUrl, "Listener",
                                                    DecodeListener);
}

ResourceTypeOf<resource::RouteConfig> RouteConfigType() {
  return ResourceTypeOf<resource::RouteConfig>::Named(proto::kRouteConfigTypeUrl, "RouteConfig",
                                                      DecodeRouteConfig);
}

ResourceTypeOf<resource::Cluster> ClusterType() {
  return ResourceTypeOf<resource::Cluster>::Listed(proto::kClusterTypeUrl, "Cluster",
                                                   DecodeCluster);
}

ResourceTypeOf<resource::EndpointSet> EndpointSetType() {
  return ResourceTypeOf<resource::EndpointSet>::Named(proto::kEndpointSetTypeUrl, "EndpointSet",
                                                      DecodeEndpointSet);
}

}  // namespace meshlib::xds
