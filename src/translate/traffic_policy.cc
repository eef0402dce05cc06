// SPDX-License-Identifier: Apache-2.0
#include "translate/traffic_policy.h"

#include <limits>
#include <optional>
#include <variant>

#include "proto/any.h"

namespace meshlib::translate {
namespace {

using manifest::LoadBalancer;
using manifest::TrafficPolicy;

constexpr uint32_t kUnlimited = std::numeric_limits<uint32_t>::max();
constexpr absl::Duration kConnectTimeout = absl::Seconds(10);
constexpr uint64_t kRingSize = 1024;
constexpr char kHttpOptions[] = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

// Istio cannot tell zero from absent: zero means the default.
uint32_t Limit(const std::optional<uint32_t>& limit) {
  return limit.value_or(0) > 0 ? *limit : kUnlimited;
}

void SetRetryBudget(const manifest::RetryBudget& budget,
                    xds_cluster::CircuitBreakers::Thresholds& out) {
  constexpr double kPercent = 20;
  constexpr uint32_t kConcurrency = 3;
  auto& result = *out.mutable_retry_budget();
  result.mutable_budget_percent()->set_value(budget.percent.value_or(kPercent));
  const uint32_t given = budget.min_retry_concurrency.value_or(0);
  result.mutable_min_retry_concurrency()->set_value(given > 0 ? given : kConcurrency);
}

const LoadBalancer::Simple* SimpleIn(const TrafficPolicy& policy) {
  if (!policy.load_balancer) return nullptr;
  return std::get_if<LoadBalancer::Simple>(&policy.load_balancer->policy);
}

void SetWarmup(const TrafficPolicy& policy, xds_cluster::Cluster::SlowStartConfig& out) {
  constexpr double kAggression = 1;
  constexpr double kMinimumPercent = 10;
  const manifest::Warmup& warmup = *policy.load_balancer->warmup;
  SetDuration(warmup.duration, *out.mutable_slow_start_window());
  if (!warmup.aggression && !warmup.minimum_percent) return;
  out.mutable_aggression()->set_default_value(warmup.aggression.value_or(kAggression));
  out.mutable_min_weight_percent()->set_value(warmup.minimum_percent.value_or(kMinimumPercent));
}

void SetLeastRequest(const TrafficPolicy& policy, xds_cluster::Cluster& cluster) {
  cluster.set_lb_policy(xds_cluster::Cluster::LEAST_REQUEST);
  if (policy.load_balancer && policy.load_balancer->warmup) {
    SetWarmup(policy, *cluster.mutable_least_request_lb_config()->mutable_slow_start_config());
  }
}

// Only then do the weights of localities count; without it they would disturb least request.
bool WeighsLocalities(const TrafficPolicy& policy) {
  if (!policy.load_balancer || !policy.load_balancer->locality_lb_setting) return false;
  const manifest::LocalityLbSetting& setting = *policy.load_balancer->locality_lb_setting;
  if (!setting.enabled.value_or(true)) return false;
  const bool fails_over = !setting.failover.empty() || !setting.failover_priority.empty();
  return !setting.distribute.empty() || (fails_over && policy.outlier_detection);
}

}  // namespace

void ApplyConnectionPool(const TrafficPolicy& policy, xds_cluster::Cluster& cluster) {
  const manifest::ConnectionPool pool = policy.connection_pool.value_or(manifest::ConnectionPool());
  const manifest::HttpPool http = pool.http.value_or(manifest::HttpPool());
  const manifest::TcpPool tcp = pool.tcp.value_or(manifest::TcpPool());
  auto& limits = *cluster.mutable_circuit_breakers()->add_thresholds();
  limits.mutable_max_connections()->set_value(Limit(tcp.max_connections));
  limits.mutable_max_pending_requests()->set_value(Limit(http.http1_max_pending_requests));
  limits.mutable_max_requests()->set_value(Limit(http.http2_max_requests));
  limits.mutable_max_retries()->set_value(Limit(http.max_retries));
  if (policy.retry_budget) SetRetryBudget(*policy.retry_budget, limits);
  SetDuration(tcp.connect_timeout.value_or(kConnectTimeout), *cluster.mutable_connect_timeout());
}

xds_http::HttpProtocolOptions HttpOptions(const TrafficPolicy& policy, PortProtocol protocol,
                                          bool sidecar) {
  xds_http::HttpProtocolOptions options;
  using Upgrade = manifest::HttpPool::H2UpgradePolicy;
  const manifest::ConnectionPool pool = policy.connection_pool.value_or(manifest::ConnectionPool());
  const manifest::HttpPool http = pool.http.value_or(manifest::HttpPool());
  const manifest::TcpPool tcp = pool.tcp.value_or(manifest::TcpPool());

  const bool sniffed = protocol == PortProtocol::kSniffed && sidecar;
  const bool upgraded = http.h2_upgrade_policy == Upgrade::kUpgrade && !http.use_client_protocol;
  if (http.use_client_protocol || (sniffed && !upgraded)) {
    options.mutable_use_downstream_protocol_config()->mutable_http_protocol_options();
    options.mutable_use_downstream_protocol_config()->mutable_http2_protocol_options();
  } else if (IsHttp2(protocol) || upgraded) {
    auto& http2 = *options.mutable_explicit_http_config()->mutable_http2_protocol_options();
    const uint32_t streams = http.max_concurrent_streams.value_or(0);
    if (streams > 0) http2.mutable_max_concurrent_streams()->set_value(streams);
  }

  auto& common = *options.mutable_common_http_protocol_options();
  const auto idle = http.idle_timeout ? http.idle_timeout : tcp.idle_timeout;
  if (idle) SetDuration(*idle, *common.mutable_idle_timeout());
  if (http.max_requests_per_connection.value_or(0) > 0) {
    common.mutable_max_requests_per_connection()->set_value(*http.max_requests_per_connection);
  }
  if (tcp.max_connection_duration) {
    SetDuration(*tcp.max_connection_duration, *common.mutable_max_connection_duration());
  }
  if (common.ByteSizeLong() == 0) options.clear_common_http_protocol_options();
  return options;
}

void ApplyHttpOptions(xds_http::HttpProtocolOptions options, xds_cluster::Cluster& cluster) {
  if (options.ByteSizeLong() == 0) return;
  if (options.upstream_protocol_options_case() ==
      xds_http::HttpProtocolOptions::UPSTREAM_PROTOCOL_OPTIONS_NOT_SET) {
    options.mutable_explicit_http_config()->mutable_http_protocol_options();
  }
  (*cluster.mutable_typed_extension_protocol_options())[kHttpOptions] = proto::PackAny(options);
}

void ApplyOutlierDetection(const TrafficPolicy& policy, xds_cluster::Cluster& cluster) {
  constexpr uint32_t kAlways = 100;
  // Panic is off, also without outlier detection, because the endpoints that are not ready are
  // told.
  auto& panic = *cluster.mutable_common_lb_config()->mutable_healthy_panic_threshold();
  if (!policy.outlier_detection) return;
  const manifest::OutlierDetection& given = *policy.outlier_detection;
  panic.set_value(given.min_health_percent.value_or(0));

  xds_cluster::OutlierDetection& out = *cluster.mutable_outlier_detection();
  out.mutable_enforcing_success_rate();
  if (const auto& errors = given.consecutive_5xx_errors) {
    out.mutable_consecutive_5xx()->set_value(*errors);
    out.mutable_enforcing_consecutive_5xx()->set_value(*errors > 0 ? kAlways : 0);
  }
  if (const auto& errors = given.consecutive_gateway_errors) {
    out.mutable_consecutive_gateway_failure()->set_value(*errors);
    out.mutable_enforcing_consecutive_gateway_failure()->set_value(*errors > 0 ? kAlways : 0);
  }
  if (given.interval) SetDuration(*given.interval, *out.mutable_interval());
  if (given.base_ejection_time) {
    SetDuration(*given.base_ejection_time, *out.mutable_base_ejection_time());
  }
  if (given.max_ejection_percent.value_or(0) > 0) {
    out.mutable_max_ejection_percent()->set_value(*given.max_ejection_percent);
  }
  if (!given.split_external_local_origin_errors) return;
  out.set_split_external_local_origin_errors(true);
  out.mutable_enforcing_local_origin_success_rate();
  if (const uint32_t failures = given.consecutive_local_origin_failures.value_or(0)) {
    out.mutable_consecutive_local_origin_failure()->set_value(failures);
    out.mutable_enforcing_consecutive_local_origin_failure()->set_value(kAlways);
  }
}

void ApplyLoadBalancer(const TrafficPolicy& policy, xds_cluster::Cluster& cluster) {
  if (WeighsLocalities(policy)) {
    cluster.mutable_common_lb_config()->mutable_locality_weighted_lb_config();
  }
  const LoadBalancer::Simple* simple = SimpleIn(policy);
  switch (simple != nullptr ? *simple : LoadBalancer::Simple::kUnspecified) {
    case LoadBalancer::Simple::kRandom:
      cluster.set_lb_policy(xds_cluster::Cluster::RANDOM);
      break;
    case LoadBalancer::Simple::kRoundRobin:
      cluster.set_lb_policy(xds_cluster::Cluster::ROUND_ROBIN);
      if (policy.load_balancer->warmup) {
        SetWarmup(policy, *cluster.mutable_round_robin_lb_config()->mutable_slow_start_config());
      }
      break;
    case LoadBalancer::Simple::kPassthrough:
      cluster.set_lb_policy(xds_cluster::Cluster::CLUSTER_PROVIDED);
      break;
    case LoadBalancer::Simple::kUnspecified:
    case LoadBalancer::Simple::kLeastConn:
    case LoadBalancer::Simple::kLeastRequest:
      SetLeastRequest(policy, cluster);
      break;
  }
  if (!policy.load_balancer) return;
  const auto* hash = std::get_if<manifest::ConsistentHash>(&policy.load_balancer->policy);
  if (hash != nullptr) ApplyConsistentHash(*hash, cluster);
}

void ApplyConsistentHash(const manifest::ConsistentHash& hash, xds_cluster::Cluster& cluster) {
  if (const auto* maglev = std::get_if<manifest::ConsistentHash::Maglev>(&hash.algorithm)) {
    cluster.set_lb_policy(xds_cluster::Cluster::MAGLEV);
    cluster.clear_lb_config();
    if (maglev->table_size) {
      cluster.mutable_maglev_lb_config()->mutable_table_size()->set_value(*maglev->table_size);
    }
    return;
  }
  const auto& ring = std::get<manifest::ConsistentHash::RingHash>(hash.algorithm);
  cluster.set_lb_policy(xds_cluster::Cluster::RING_HASH);
  cluster.mutable_ring_hash_lb_config()->mutable_minimum_ring_size()->set_value(
      ring.minimum_ring_size.value_or(kRingSize));
}

bool IsPassthrough(const TrafficPolicy& policy) {
  const LoadBalancer::Simple* simple = SimpleIn(policy);
  return simple != nullptr && *simple == LoadBalancer::Simple::kPassthrough;
}

}  // namespace meshlib::translate
