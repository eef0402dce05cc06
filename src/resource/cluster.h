// SPDX-License-Identifier: Apache-2.0
// Cluster: envoy.config.cluster.v3.Cluster, decoded and validated.

#ifndef MESHLIB_RESOURCE_CLUSTER_H_
#define MESHLIB_RESOURCE_CLUSTER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "resource/endpoint_set.h"
#include "resource/names.h"
#include "resource/origin.h"
#include "resource/tls_context.h"

namespace meshlib::resource {

// Where the endpoints of a Cluster come from.
struct EdsDiscovery {
  EndpointSetName service_name;
  friend bool operator==(const EdsDiscovery&, const EdsDiscovery&) = default;
};
struct StaticDiscovery {
  EndpointSet endpoints;
  friend bool operator==(const StaticDiscovery&, const StaticDiscovery&) = default;
};
// Both DNS types: every name in `localities` is resolved; each address is an endpoint for STRICT,
// all those of its one name are one for LOGICAL.
struct DnsDiscovery {
  enum class Kind : uint8_t { kStrict, kLogical };
  enum class Family : uint8_t { kAuto, kV4Only, kV6Only, kV4Preferred, kAll };
  struct Name {
    std::string host;
    uint16_t port = 0;
    uint32_t weight = 1;
    Health health = Health::kHealthy;
    friend bool operator==(const Name&, const Name&) = default;
  };
  struct Group {  // the names of one locality
    LocalityName name;
    uint32_t weight = 0;
    uint32_t priority = 0;
    std::vector<Name> names;
    friend bool operator==(const Group&, const Group&) = default;
  };

  Kind kind = Kind::kStrict;
  Family family = Family::kAuto;
  std::vector<Group> localities;
  absl::Duration refresh_rate = absl::Seconds(5);
  bool respect_ttl = false;
  friend bool operator==(const DnsDiscovery&, const DnsDiscovery&) = default;
};
// The address the caller wanted to reach (ORIGINAL_DST): pass-through.
struct OriginalDestination {
  friend bool operator==(const OriginalDestination&, const OriginalDestination&) = default;
};
using Discovery = std::variant<EdsDiscovery, StaticDiscovery, DnsDiscovery, OriginalDestination>;

enum class LbPolicy : uint8_t { kRoundRobin, kLeastRequest, kRandom, kRingHash, kMaglev };

// CircuitBreakers.Thresholds.RetryBudget; Envoy's defaults. A value.
struct RetryBudget {
  double budget_percent = 20;
  uint32_t min_retry_concurrency = 3;
  friend bool operator==(const RetryBudget&, const RetryBudget&) = default;
};

// CircuitBreakers.Thresholds of priority DEFAULT; Envoy's defaults. A value.
struct CircuitBreakers {
  uint32_t max_connections = 1024;
  uint32_t max_pending_requests = 1024;
  uint32_t max_requests = 1024;
  uint32_t max_retries = 3;
  std::optional<RetryBudget> retry_budget;  // replaces max_retries
  friend bool operator==(const CircuitBreakers&, const CircuitBreakers&) = default;
};

// envoy.config.cluster.v3.OutlierDetection. A value.
struct OutlierDetection {
  uint32_t consecutive_5xx = 5;
  uint32_t consecutive_gateway_failure = 5;
  absl::Duration interval = absl::Seconds(10);
  absl::Duration base_ejection_time = absl::Seconds(30);
  absl::Duration max_ejection_time = absl::Seconds(300);
  uint32_t max_ejection_percent = 10;
  uint32_t enforcing_consecutive_5xx = 100;
  uint32_t enforcing_consecutive_gateway_failure = 0;
  friend bool operator==(const OutlierDetection&, const OutlierDetection&) = default;
};

// What a connection of this Cluster needs beyond plaintext, by the endpoint's TlsMode: from
// transport_socket and transport_socket_matches.
struct ClusterSecurity {
  std::optional<TlsContext> always;     // transport_socket
  std::optional<TlsContext> for_istio;  // the match on tlsMode "istio", goes before `always`
  // UpstreamHttpProtocolOptions: SNI and names of the peer's certificate are the host of the
  // request's authority, where the TlsContext says nothing else.
  bool auto_sni = false;
  bool auto_san_validation = false;
  friend bool operator==(const ClusterSecurity&, const ClusterSecurity&) = default;
};

// A value.
struct Cluster {
  ClusterName name;
  Origin origin;       // filter_metadata["istio"]["config"]
  std::string subset;  // filter_metadata["istio"]["subset"]
  Discovery discovery;
  LbPolicy lb_policy = LbPolicy::kRoundRobin;
  uint32_t least_request_choices = 2;
  double active_request_bias = 1.0;
  bool locality_weighted = false;                    // locality_weighted_lb_config
  double healthy_panic_percent = 50;                 // 0: off
  std::optional<uint32_t> overprovisioning_percent;  // from the inline load_assignment
  absl::Duration connect_timeout = absl::Seconds(5);
  CircuitBreakers circuit_breakers;
  std::optional<OutlierDetection> outlier_detection;
  ClusterSecurity security;
  bool http2 = false;  // explicit_http_config says HTTP/2; use_downstream_protocol_config does not
  std::optional<uint32_t> max_requests_per_connection;
  std::optional<absl::Duration> idle_timeout;  // absent: Envoy's 1 h; zero: none
  std::optional<absl::Duration> max_connection_duration;
  // Set when the resource asks for what decides security and we cannot do: every Call fails with
  // this text ("security: ... not supported yet").
  std::optional<std::string> unusable;

  std::string ToString() const;
  friend bool operator==(const Cluster&, const Cluster&) = default;
};

}  // namespace meshlib::resource

#endif  // MESHLIB_RESOURCE_CLUSTER_H_
