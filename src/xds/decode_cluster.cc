// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_cluster.h"

#include <optional>
#include <string>
#include <utility>

#include "meshlib/envoy/config/cluster/v3/cluster.pb.h"
#include "meshlib/envoy/extensions/upstreams/http/v3/http_protocol_options.pb.h"
#include "xds/decode_discovery.h"
#include "xds/decode_lb_policy.h"
#include "xds/decode_tls.h"
#include "xds/decode_unused.h"
#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

namespace core = envoy::config::core::v3;
namespace cds = envoy::config::cluster::v3;
using envoy::extensions::upstreams::http::v3::HttpProtocolOptions;
using resource::Cluster;

// What is read, and what tunes Envoy's own resources, statistics, or DNS.
constexpr std::string_view kClusterFields[] = {"transport_socket_matches",
                                               "transport_socket_matcher",
                                               "name",
                                               "alt_stat_name",
                                               "type",
                                               "cluster_type",
                                               "eds_cluster_config",
                                               "connect_timeout",
                                               "per_connection_buffer_limit_bytes",
                                               "lb_policy",
                                               "load_assignment",
                                               "max_requests_per_connection",
                                               "circuit_breakers",
                                               "upstream_http_protocol_options",
                                               "common_http_protocol_options",
                                               "http_protocol_options",
                                               "http2_protocol_options",
                                               "typed_extension_protocol_options",
                                               "dns_refresh_rate",
                                               "dns_jitter",
                                               "dns_failure_refresh_rate",
                                               "respect_dns_ttl",
                                               "dns_lookup_family",
                                               "use_tcp_for_dns_lookups",
                                               "wait_for_warm_on_init",
                                               "cleanup_interval",
                                               "ring_hash_lb_config",
                                               "maglev_lb_config",
                                               "original_dst_lb_config",
                                               "least_request_lb_config",
                                               "round_robin_lb_config",
                                               "common_lb_config",
                                               "transport_socket",
                                               "metadata",
                                               "protocol_selection",
                                               "upstream_connection_options",
                                               "close_connections_on_host_health_failure",
                                               "ignore_health_on_host_removal",
                                               "load_balancing_policy",
                                               "lrs_server",
                                               "lrs_report_endpoint_metrics",
                                               "outlier_detection",
                                               "track_timeout_budgets",
                                               "track_cluster_stats",
                                               "preconnect_policy",
                                               "connection_pool_per_downstream_connection"};

void DecodeThresholds(const cds::CircuitBreakers::Thresholds& in, resource::CircuitBreakers& out,
                      DecodeContext& context) {
  if (in.has_max_connections()) out.max_connections = in.max_connections().value();
  if (in.has_max_pending_requests()) out.max_pending_requests = in.max_pending_requests().value();
  if (in.has_max_requests()) out.max_requests = in.max_requests().value();
  if (in.has_max_retries()) out.max_retries = in.max_retries().value();
  if (in.has_retry_budget()) {
    out.retry_budget.emplace();
    const auto& budget = in.retry_budget();
    if (budget.has_budget_percent()) {
      out.retry_budget->budget_percent =
          DecodePercent(budget.budget_percent(), "retry_budget.budget_percent", context);
    }
    if (budget.has_min_retry_concurrency()) {
      out.retry_budget->min_retry_concurrency = budget.min_retry_concurrency().value();
    }
  }
  // Pools are per loop and endpoint; there is nothing to limit their number by.
  ReportUnused(in,
               {"priority", "max_connections", "max_pending_requests", "max_requests",
                "max_retries", "retry_budget", "track_remaining", "max_connection_pools"},
               context);
}

void DecodeCircuitBreakers(const cds::CircuitBreakers& in, resource::CircuitBreakers& out,
                           DecodeContext& context) {
  const auto scope = context.In("circuit_breakers");
  bool found = false;
  for (int i = 0; i < in.thresholds_size(); ++i) {
    const auto threshold = context.In("thresholds", i);
    if (!core::RoutingPriority_IsValid(in.thresholds(i).priority())) {
      context.Error("priority", "unknown value");
    }
    // Requests have priority DEFAULT; the first entry for it counts.
    if (in.thresholds(i).priority() != core::DEFAULT || found) continue;
    found = true;
    DecodeThresholds(in.thresholds(i), out, context);
  }
  ReportUnused(in, {"thresholds"}, context);
}

uint32_t Percentage(bool present, const google::protobuf::UInt32Value& in, std::string_view field,
                    uint32_t absent, DecodeContext& context) {
  if (!present) return absent;
  if (in.value() > 100) context.Error(field, "must not be more than 100");
  return in.value();
}

resource::OutlierDetection DecodeOutlierDetection(const cds::OutlierDetection& in,
                                                  DecodeContext& context) {
  resource::OutlierDetection out;
  const auto duration = [&](bool present, const google::protobuf::Duration& value,
                            std::string_view field, absl::Duration absent) {
    return present ? DecodePositiveDuration(value, field, context) : absent;
  };
  if (in.has_consecutive_5xx()) out.consecutive_5xx = in.consecutive_5xx().value();
  if (in.has_consecutive_gateway_failure()) {
    out.consecutive_gateway_failure = in.consecutive_gateway_failure().value();
  }
  out.interval = duration(in.has_interval(), in.interval(), "interval", out.interval);
  out.base_ejection_time = duration(in.has_base_ejection_time(), in.base_ejection_time(),
                                    "base_ejection_time", out.base_ejection_time);
  out.max_ejection_time = duration(in.has_max_ejection_time(), in.max_ejection_time(),
                                   "max_ejection_time", out.max_ejection_time);
  out.max_ejection_percent = Percentage(in.has_max_ejection_percent(), in.max_ejection_percent(),
                                        "max_ejection_percent", out.max_ejection_percent, context);
  out.enforcing_consecutive_5xx =
      Percentage(in.has_enforcing_consecutive_5xx(), in.enforcing_consecutive_5xx(),
                 "enforcing_consecutive_5xx", out.enforcing_consecutive_5xx, context);
  out.enforcing_consecutive_gateway_failure = Percentage(
      in.has_enforcing_consecutive_gateway_failure(), in.enforcing_consecutive_gateway_failure(),
      "enforcing_consecutive_gateway_failure", out.enforcing_consecutive_gateway_failure, context);
  return out;
}

void DecodeConnectionLimits(const core::HttpProtocolOptions& in, Cluster& out,
                            DecodeContext& context) {
  const auto scope = context.In("common_http_protocol_options");
  if (in.has_idle_timeout()) {
    out.idle_timeout = DecodeDuration(in.idle_timeout(), "idle_timeout", context);
  }
  if (in.has_max_connection_duration()) {
    out.max_connection_duration =
        DecodeDuration(in.max_connection_duration(), "max_connection_duration", context);
  }
  if (in.has_max_requests_per_connection()) {
    out.max_requests_per_connection = in.max_requests_per_connection().value();
  }
  ReportUnused(in,
               {"idle_timeout", "max_connection_duration", "max_requests_per_connection",
                "max_headers_count", "max_response_headers_kb"},
               context);
}

// Who is called by what name, where the TLS context does not say it.
void DecodeServerName(const core::UpstreamHttpProtocolOptions& in, Cluster& out,
                      DecodeContext& context) {
  const auto scope = context.In("upstream_http_protocol_options");
  out.security.auto_sni = in.auto_sni();
  out.security.auto_san_validation = in.auto_san_validation();
  if (!in.override_auto_sni_header().empty()) {
    out.unusable = "security: override_auto_sni_header is not supported yet";
  }
  RequireNoUnknownFields(in, context);
}

// typed_extension_protocol_options, where istiod puts the HTTP version.
void DecodeProtocol(const cds::Cluster& in, Cluster& out, DecodeContext& context) {
  out.http2 = in.has_http2_protocol_options();
  if (in.has_upstream_http_protocol_options()) {
    DecodeServerName(in.upstream_http_protocol_options(), out, context);
  }
  if (in.has_common_http_protocol_options()) {
    DecodeConnectionLimits(in.common_http_protocol_options(), out, context);
  }
  for (const auto& [name, any] : in.typed_extension_protocol_options()) {
    const auto scope = context.In("typed_extension_protocol_options", name);
    if (ExtensionType(any) != "envoy.extensions.upstreams.http.v3.HttpProtocolOptions") {
      context.Ignored("");
      continue;
    }
    HttpProtocolOptions options;
    if (!options.ParseFromString(any.value())) {
      context.Error("the bytes are not HttpProtocolOptions");
      continue;
    }
    out.http2 = options.explicit_http_config().has_http2_protocol_options();
    if (options.has_common_http_protocol_options()) {
      DecodeConnectionLimits(options.common_http_protocol_options(), out, context);
    }
    if (options.has_upstream_http_protocol_options()) {
      DecodeServerName(options.upstream_http_protocol_options(), out, context);
    }
    ReportUnused(options,
                 {"common_http_protocol_options", "upstream_http_protocol_options",
                  "explicit_http_config", "use_downstream_protocol_config", "auto_config"},
                 context);
  }
  if (out.http2) context.Approximated("", "HTTP/2 is not supported yet, HTTP/1.1 is used");
}

bool MatchesIstioMode(const google::protobuf::Struct& match) {
  const auto mode = match.fields().find("tlsMode");
  return match.fields().size() == 1 && mode != match.fields().end() &&
         mode->second.string_value() == "istio";
}

// Takes over what a socket asks for.
void Accept(Transport transport, std::optional<resource::TlsContext>& tls, Cluster& out) {
  if (auto* context = std::get_if<resource::TlsContext>(&transport)) {
    tls = std::move(*context);
  } else if (auto* unsupported = std::get_if<UnsupportedTransport>(&transport)) {
    out.unusable = std::move(unsupported->reason);
  }
}

// The first of transport_socket_matches that holds, then transport_socket (Envoy).
void DecodeSecurity(const cds::Cluster& in, Cluster& out, DecodeContext& context) {
  bool all_matched = false, istio_matched = false;
  for (int i = 0; i < in.transport_socket_matches_size() && !all_matched; ++i) {
    const auto scope = context.In("transport_socket_matches", i);
    const auto& match = in.transport_socket_matches(i);
    RequireNoUnknownFields(match, context);
    const auto socket = context.In("transport_socket");
    Transport transport = DecodeTransport(match.transport_socket(), TlsSide::kClient, context);
    if (match.match().fields().empty()) {
      all_matched = true;
      Accept(std::move(transport), out.security.always, out);
    } else if (!MatchesIstioMode(match.match())) {
      out.unusable =
          "security: a transport socket match other than tlsMode istio is not supported "
          "yet";
    } else if (!std::exchange(istio_matched, true)) {
      Accept(std::move(transport), out.security.for_istio, out);
    }
  }
  if (in.has_transport_socket() && !all_matched) {
    const auto scope = context.In("transport_socket");
    Accept(DecodeTransport(in.transport_socket(), TlsSide::kClient, context), out.security.always,
           out);
  }
  if (istio_matched && !out.security.for_istio && out.security.always) {
    out.unusable =
        "security: plaintext to Istio's endpoints and TLS to others is not supported yet";
  }
  if (in.has_transport_socket_matcher()) {
    out.unusable = "security: transport_socket_matcher is not supported yet";
  }
}

void DecodeInto(const cds::Cluster& in, Cluster& out, DecodeContext& context) {
  if (in.name().empty()) context.Error("name", "must not be empty");
  ReportUnused(in, kClusterFields, context);
  DecodeDiscovery(in, out, context);
  DecodeLbPolicy(in, out, context);
  if (in.has_connect_timeout()) {
    out.connect_timeout = DecodePositiveDuration(in.connect_timeout(), "connect_timeout", context);
  }
  if (in.has_max_requests_per_connection()) {
    out.max_requests_per_connection = in.max_requests_per_connection().value();
  }
  DecodeCircuitBreakers(in.circuit_breakers(), out.circuit_breakers, context);
  if (in.has_outlier_detection()) {
    const auto scope = context.In("outlier_detection");
    context.Ignored("");
    out.outlier_detection = DecodeOutlierDetection(in.outlier_detection(), context);
  }
  DecodeProtocol(in, out, context);
  DecodeSecurity(in, out, context);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Cluster>> DecodeCluster(std::string_view bytes,
                                                             resource::Report& report) {
  DecodeContext context("Cluster", report);
  cds::Cluster in;
  if (!ParseResource(bytes, in, context)) return context.status();
  context.set_name(in.name());
  auto out = std::make_shared<Cluster>();
  out->name = resource::ClusterName(in.name());
  out->origin = DecodeOrigin(in.metadata());
  out->subset = MetadataString(in.metadata(), "istio", "subset");
  {
    const auto origin = context.Of(out->origin);
    DecodeInto(in, *out, context);
  }
  if (context.has_errors()) return context.status();
  return out;
}

}  // namespace meshlib::xds
