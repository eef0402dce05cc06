// SPDX-License-Identifier: Apache-2.0
// TrafficPolicy: networking.istio.io TrafficPolicy, how a client treats the endpoints of a host.
// Absent fields are absent here: Istio's defaults are applied where resources are made.

#ifndef MESHLIB_MANIFEST_TRAFFIC_POLICY_H_
#define MESHLIB_MANIFEST_TRAFFIC_POLICY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"

namespace meshlib::manifest {

// LoadBalancerSettings.ConsistentHashLB.HTTPCookie. A value.
struct HashCookie {
  std::string name;
  std::string path;
  std::optional<absl::Duration> ttl;  // zero: a session cookie

  friend bool operator==(const HashCookie&, const HashCookie&) = default;
};

// LoadBalancerSettings.ConsistentHashLB. A value.
struct ConsistentHash {
  struct Header {
    std::string name;
    friend bool operator==(const Header&, const Header&) = default;
  };
  struct SourceIp {
    friend bool operator==(const SourceIp&, const SourceIp&) = default;
  };
  struct QueryParameter {
    std::string name;
    friend bool operator==(const QueryParameter&, const QueryParameter&) = default;
  };
  struct RingHash {
    std::optional<uint64_t> minimum_ring_size;  // also of the deprecated field beside it
    friend bool operator==(const RingHash&, const RingHash&) = default;
  };
  struct Maglev {
    std::optional<uint64_t> table_size;
    friend bool operator==(const Maglev&, const Maglev&) = default;
  };

  std::variant<Header, HashCookie, SourceIp, QueryParameter> key;
  std::variant<RingHash, Maglev> algorithm;

  friend bool operator==(const ConsistentHash&, const ConsistentHash&) = default;
};

// LocalityLoadBalancerSetting. A value.
struct LocalityLbSetting {
  struct Distribute {
    std::string from;                    // "region/zone/*"
    std::map<std::string, uint32_t> to;  // percent; they sum up to 100
    friend bool operator==(const Distribute&, const Distribute&) = default;
  };
  struct Failover {
    std::string from;
    std::string to;
    friend bool operator==(const Failover&, const Failover&) = default;
  };

  std::vector<Distribute> distribute;
  std::vector<Failover> failover;
  std::vector<std::string> failover_priority;
  std::optional<bool> enabled;

  friend bool operator==(const LocalityLbSetting&, const LocalityLbSetting&) = default;
};

// LoadBalancerSettings.WarmupConfiguration; warmupDurationSecs is read as its duration. A value.
struct Warmup {
  absl::Duration duration;
  std::optional<double> minimum_percent;
  std::optional<double> aggression;

  friend bool operator==(const Warmup&, const Warmup&) = default;
};

// LoadBalancerSettings. A value.
struct LoadBalancer {
  enum class Simple : uint8_t {
    kUnspecified,
    kLeastConn,  // deprecated: means kLeastRequest
    kRandom,
    kPassthrough,
    kRoundRobin,
    kLeastRequest,
  };

  std::variant<std::monostate, Simple, ConsistentHash> policy;
  std::optional<LocalityLbSetting> locality_lb_setting;
  std::optional<Warmup> warmup;

  friend bool operator==(const LoadBalancer&, const LoadBalancer&) = default;
};

// ConnectionPoolSettings.TCPSettings.TcpKeepalive. A value.
struct TcpKeepalive {
  std::optional<uint32_t> probes;
  std::optional<absl::Duration> time;
  std::optional<absl::Duration> interval;

  friend bool operator==(const TcpKeepalive&, const TcpKeepalive&) = default;
};

// ConnectionPoolSettings.TCPSettings. A value.
struct TcpPool {
  std::optional<uint32_t> max_connections;
  std::optional<absl::Duration> connect_timeout;
  std::optional<TcpKeepalive> tcp_keepalive;
  std::optional<absl::Duration> max_connection_duration;
  std::optional<absl::Duration> idle_timeout;

  friend bool operator==(const TcpPool&, const TcpPool&) = default;
};

// ConnectionPoolSettings.HTTPSettings. A value.
struct HttpPool {
  enum class H2UpgradePolicy : uint8_t { kDefault, kDoNotUpgrade, kUpgrade };

  std::optional<uint32_t> http1_max_pending_requests;
  std::optional<uint32_t> http2_max_requests;
  std::optional<uint32_t> max_requests_per_connection;
  std::optional<uint32_t> max_retries;
  std::optional<absl::Duration> idle_timeout;
  H2UpgradePolicy h2_upgrade_policy = H2UpgradePolicy::kDefault;
  bool use_client_protocol = false;
  std::optional<uint32_t> max_concurrent_streams;

  friend bool operator==(const HttpPool&, const HttpPool&) = default;
};

// ConnectionPoolSettings. A value.
struct ConnectionPool {
  std::optional<TcpPool> tcp;
  std::optional<HttpPool> http;

  friend bool operator==(const ConnectionPool&, const ConnectionPool&) = default;
};

// OutlierDetection. A value.
struct OutlierDetection {
  std::optional<uint32_t> consecutive_errors;  // deprecated
  bool split_external_local_origin_errors = false;
  std::optional<uint32_t> consecutive_local_origin_failures;
  std::optional<uint32_t> consecutive_gateway_errors;
  std::optional<uint32_t> consecutive_5xx_errors;
  std::optional<absl::Duration> interval;
  std::optional<absl::Duration> base_ejection_time;
  std::optional<uint32_t> max_ejection_percent;
  std::optional<uint32_t> min_health_percent;

  friend bool operator==(const OutlierDetection&, const OutlierDetection&) = default;
};

// ClientTLSSettings. A value.
struct ClientTls {
  enum class Mode : uint8_t { kDisable, kSimple, kMutual, kIstioMutual };

  Mode mode = Mode::kDisable;
  std::string client_certificate;
  std::string private_key;
  std::string ca_certificates;
  std::string ca_crl;
  std::string credential_name;
  std::vector<std::string> subject_alt_names;
  std::string sni;
  std::optional<bool> insecure_skip_verify;

  friend bool operator==(const ClientTls&, const ClientTls&) = default;
};

// TrafficPolicy.RetryBudget. A value.
struct RetryBudget {
  std::optional<double> percent;
  std::optional<uint32_t> min_retry_concurrency;

  friend bool operator==(const RetryBudget&, const RetryBudget&) = default;
};

// PortTrafficPolicy: replaces, as a whole, what the policy around it says of these four. A value.
struct PortTrafficPolicy {
  uint32_t port = 0;
  std::optional<LoadBalancer> load_balancer;
  std::optional<ConnectionPool> connection_pool;
  std::optional<OutlierDetection> outlier_detection;
  std::optional<ClientTls> tls;

  friend bool operator==(const PortTrafficPolicy&, const PortTrafficPolicy&) = default;
};

// A value.
struct TrafficPolicy {
  std::optional<LoadBalancer> load_balancer;
  std::optional<ConnectionPool> connection_pool;
  std::optional<OutlierDetection> outlier_detection;
  std::optional<ClientTls> tls;
  std::vector<PortTrafficPolicy> port_level_settings;
  std::optional<RetryBudget> retry_budget;
  bool has_tunnel = false;          // `tunnel` is given, which is not read further
  bool has_proxy_protocol = false;  // `proxyProtocol` is given, which is not read further

  friend bool operator==(const TrafficPolicy&, const TrafficPolicy&) = default;
};

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_TRAFFIC_POLICY_H_
