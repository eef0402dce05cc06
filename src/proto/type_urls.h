// SPDX-License-Identifier: Apache-2.0
// The type URLs of xDS.

#ifndef MESHLIB_PROTO_TYPE_URLS_H_
#define MESHLIB_PROTO_TYPE_URLS_H_

#include <string_view>

namespace meshlib::proto {

inline constexpr std::string_view kListenerTypeUrl =
    "type.googleapis.com/envoy.config.listener.v3.Listener";
inline constexpr std::string_view kRouteConfigTypeUrl =
    "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";
inline constexpr std::string_view kClusterTypeUrl =
    "type.googleapis.com/envoy.config.cluster.v3.Cluster";
inline constexpr std::string_view kEndpointSetTypeUrl =
    "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
inline constexpr std::string_view kSecretTypeUrl =
    "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

// The wrapper that a response may put around a resource.
inline constexpr std::string_view kResourceWrapperTypeUrl =
    "type.googleapis.com/envoy.service.discovery.v3.Resource";

// Istio's table of names for its DNS proxy; clients without one let it pass.
inline constexpr std::string_view kNameTableTypeUrl =
    "type.googleapis.com/istio.networking.nds.v1.NameTable";

}  // namespace meshlib::proto

#endif  // MESHLIB_PROTO_TYPE_URLS_H_
