// SPDX-License-Identifier: Apache-2.0
#include "translate/cluster_builder.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "translate/cluster_name.h"
#include "translate/destination_rule_index.h"
#include "translate/endpoint_builder.h"
#include "translate/traffic_policy.h"
#include "translate/upstream_tls.h"

namespace meshlib::translate {
namespace {

using xds_cluster::Cluster;

constexpr absl::Duration kConnectTimeout = absl::Seconds(10);
constexpr absl::Duration kDnsRefresh = absl::Seconds(60);
constexpr absl::Duration kPassthroughIdle = absl::Seconds(300);

ClusterKey KeyOf(const ClusterInput& input) {
  return {.port = input.port.number,
          .subset = input.subset != nullptr ? input.subset->name : "",
          .host = input.service.host};
}

void SetEds(bool istio_client, Cluster& cluster) {
  cluster.set_type(Cluster::EDS);
  SetAdsSource(istio_client, *cluster.mutable_eds_cluster_config()->mutable_eds_config());
  cluster.mutable_eds_cluster_config()->set_service_name(cluster.name());
}

void SetOriginalDestination(const ClusterInput& input, Cluster& cluster) {
  cluster.set_type(Cluster::ORIGINAL_DST);
  const auto* target = std::get_if<uint32_t>(&input.port.target);
  if (target != nullptr && *target != input.port.number) {
    cluster.mutable_original_dst_lb_config()->mutable_upstream_port_override()->set_value(*target);
  }
}

// False when there is no name to resolve.
bool SetDns(const ClusterInput& input, const manifest::TrafficPolicy& policy, Cluster& cluster) {
  const MeshService& service = input.service;
  std::vector<MeshEndpoint> endpoints = NamesToResolve(service, input.port, input.files);
  if (input.subset != nullptr) KeepLabelled(input.subset->labels, endpoints);
  if (endpoints.empty()) return false;
  cluster.set_type(service.resolution == Resolution::kDns ? Cluster::STRICT_DNS
                                                          : Cluster::LOGICAL_DNS);
  SetDuration(kDnsRefresh, *cluster.mutable_dns_refresh_rate());
  cluster.set_respect_dns_ttl(true);
  *cluster.mutable_load_assignment() =
      BuildEndpoints(cluster.name(), endpoints, policy, input.client);
  return true;
}

bool SetDiscovery(const ClusterInput& input, const manifest::TrafficPolicy& policy,
                  Cluster& cluster) {
  const bool router = input.client.shape == Shape::kRouter;
  if (IsPassthrough(policy)) {
    SetOriginalDestination(input, cluster);
    return true;
  }
  switch (input.service.resolution) {
    case Resolution::kDns:
    case Resolution::kDnsRoundRobin:
      return SetDns(input, policy, cluster);
    case Resolution::kPassthrough:
      if (!router) {
        SetOriginalDestination(input, cluster);
        return true;
      }
      break;
    case Resolution::kEndpoints:
      break;
  }
  // Also for headless Services. A sidecar passes their connections on to where DNS led the client;
  // a client that has the endpoints goes to them, as istiod makes sidecars do with
  // PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES.
  SetEds(true, cluster);
  return true;
}

void SetServiceMetadata(const ClusterInput& input, xds_core::Metadata& metadata) {
  auto& fields = *IstioMetadata(metadata).mutable_fields();
  auto& service = *fields["services"].mutable_list_value()->add_values()->mutable_struct_value();
  auto& known = *service.mutable_fields();
  known["host"].set_string_value(input.service.host);
  known["name"].set_string_value(input.service.name);
  known["namespace"].set_string_value(input.service.name_space);
  if (input.subset != nullptr) fields["subset"].set_string_value(input.subset->name);
  if (input.service.external) fields["external"].set_bool_value(true);
}

void SetMetadata(const ClusterInput& input, Cluster& cluster) {
  xds_core::Metadata& metadata = *cluster.mutable_metadata();
  SetServiceMetadata(input, metadata);
  if (input.rule == nullptr) return;
  SetOrigin("destination-rule", input.rule->meta, metadata);
  if (input.subset == nullptr) return;
  const bool own = input.subset->position.line != 0;
  for (size_t i = 0; own && i < input.rule->subsets.size(); ++i) {
    if (&input.rule->subsets[i] == input.subset) {
      SetOriginField(absl::StrCat("subsets[", i, "]"), metadata);
    }
  }
}

// Servers outside the mesh are called by the name that the request has, and must prove it, unless
// the DestinationRule says otherwise.
void SetServerName(const manifest::ClientTls& tls, xds_http::HttpProtocolOptions& options) {
  using Mode = manifest::ClientTls::Mode;
  if (tls.mode != Mode::kSimple && tls.mode != Mode::kMutual) return;
  if (!tls.sni.empty()) return;
  auto& upstream = *options.mutable_upstream_http_protocol_options();
  upstream.set_auto_sni(true);
  if (tls.subject_alt_names.empty() && !tls.insecure_skip_verify.value_or(false)) {
    upstream.set_auto_san_validation(true);
  }
}

std::optional<Cluster> SidecarCluster(const ClusterInput& input,
                                      const manifest::TrafficPolicy& policy, Cluster cluster) {
  if (!SetDiscovery(input, policy, cluster)) return std::nullopt;
  ApplyConnectionPool(policy, cluster);
  ApplyOutlierDetection(policy, cluster);
  ApplyLoadBalancer(policy, cluster);
  if (cluster.type() == Cluster::ORIGINAL_DST) cluster.set_lb_policy(Cluster::CLUSTER_PROVIDED);

  xds_http::HttpProtocolOptions options =
      HttpOptions(policy, input.port.protocol, input.client.shape == Shape::kSidecar);
  const bool http2 = options.explicit_http_config().has_http2_protocol_options();
  const PeerNames peer{
      .sni = KeyOf(input).Sni(),
      .subject_alt_names = input.files.SubjectAltNames(input.service, input.trust_domains)};
  ApplySidecarTls(policy.tls ? &*policy.tls : nullptr, peer, input.service.external, http2,
                  cluster);
  if (policy.tls) SetServerName(*policy.tls, options);
  ApplyHttpOptions(std::move(options), cluster);
  SetMetadata(input, cluster);
  return cluster;
}

Cluster GrpcCluster(const ClusterInput& input, const manifest::TrafficPolicy& policy,
                    Cluster cluster) {
  using Simple = manifest::LoadBalancer::Simple;
  SetEds(false, cluster);
  const PeerNames peer{
      .sni = KeyOf(input).Sni(),
      .subject_alt_names = input.files.SubjectAltNames(input.service, input.trust_domains)};
  ApplyGrpcTls(policy.tls ? &*policy.tls : nullptr, peer, cluster);
  if (policy.load_balancer) {
    const auto& balancer = policy.load_balancer->policy;
    if (const auto* hash = std::get_if<manifest::ConsistentHash>(&balancer)) {
      ApplyConsistentHash(*hash, cluster);
    } else if (const auto* simple = std::get_if<Simple>(&balancer)) {
      if (*simple == Simple::kLeastRequest) cluster.set_lb_policy(Cluster::LEAST_REQUEST);
    }
  }
  if (policy.connection_pool && policy.connection_pool->http) {
    const uint32_t requests = policy.connection_pool->http->http2_max_requests.value_or(0);
    if (requests > 0) {
      cluster.mutable_circuit_breakers()->add_thresholds()->mutable_max_requests()->set_value(
          requests);
    }
  }
  return cluster;
}

Cluster NamedCluster(const std::string& name) {
  Cluster cluster;
  cluster.set_name(name);
  cluster.set_alt_stat_name(absl::StrCat(name, ";"));
  return cluster;
}

}  // namespace

std::optional<Cluster> BuildCluster(const ClusterInput& input) {
  if (input.port.protocol == PortProtocol::kUdp) return std::nullopt;
  Cluster cluster = NamedCluster(KeyOf(input).ToString());
  const manifest::TrafficPolicy policy = PolicyOf(input.rule, input.subset, input.port.number);
  if (input.client.shape == Shape::kGrpc) return GrpcCluster(input, policy, std::move(cluster));
  return SidecarCluster(input, policy, std::move(cluster));
}

Cluster PassthroughCluster() {
  Cluster cluster = NamedCluster(kPassthroughCluster);
  cluster.set_type(Cluster::ORIGINAL_DST);
  cluster.set_lb_policy(Cluster::CLUSTER_PROVIDED);
  ApplyConnectionPool({}, cluster);
  xds_http::HttpProtocolOptions options;
  SetDuration(kPassthroughIdle,
              *options.mutable_common_http_protocol_options()->mutable_idle_timeout());
  options.mutable_use_downstream_protocol_config()->mutable_http_protocol_options();
  options.mutable_use_downstream_protocol_config()->mutable_http2_protocol_options();
  ApplyHttpOptions(std::move(options), cluster);
  return cluster;
}

Cluster BlackHoleCluster() {
  Cluster cluster = NamedCluster(kBlackHoleCluster);
  cluster.set_type(Cluster::STATIC);
  SetDuration(kConnectTimeout, *cluster.mutable_connect_timeout());
  return cluster;
}

}  // namespace meshlib::translate
