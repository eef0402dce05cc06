// SPDX-License-Identifier: Apache-2.0
// A DestinationRule's traffic policy, as the fields of a Cluster.

#ifndef MESHLIB_TRANSLATE_TRAFFIC_POLICY_H_
#define MESHLIB_TRANSLATE_TRAFFIC_POLICY_H_

#include "manifest/traffic_policy.h"
#include "meshlib/envoy/extensions/upstreams/http/v3/http_protocol_options.pb.h"
#include "translate/mesh_service.h"
#include "translate/xds.h"

namespace meshlib::translate {

namespace xds_http = ::meshlib::envoy::extensions::upstreams::http::v3;

// Circuit breakers and connect time-out, with Istio's defaults: no limits, 10 s.
void ApplyConnectionPool(const manifest::TrafficPolicy& policy, xds_cluster::Cluster& cluster);

// Protocol and limits of connections, as far as there is something to be said.
xds_http::HttpProtocolOptions HttpOptions(const manifest::TrafficPolicy& policy,
                                          PortProtocol protocol, bool sidecar);

// Sets them on the cluster if they say something. Envoy wants a protocol then: HTTP/1.1.
void ApplyHttpOptions(xds_http::HttpProtocolOptions options, xds_cluster::Cluster& cluster);

void ApplyOutlierDetection(const manifest::TrafficPolicy& policy, xds_cluster::Cluster& cluster);

// Least request where nothing else is said.
void ApplyLoadBalancer(const manifest::TrafficPolicy& policy, xds_cluster::Cluster& cluster);

// RING_HASH or MAGLEV.
void ApplyConsistentHash(const manifest::ConsistentHash& hash, xds_cluster::Cluster& cluster);

// Also PASSTHROUGH: endpoints are not chosen, but taken as the client gave them.
bool IsPassthrough(const manifest::TrafficPolicy& policy);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_TRAFFIC_POLICY_H_
