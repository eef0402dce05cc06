// SPDX-License-Identifier: Apache-2.0
#include "translate/endpoint_builder.h"

#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "translate/host_name.h"
#include "translate/locality_groups.h"

namespace meshlib::translate {
namespace {

constexpr char kCluster[] = "Kubernetes";  // what Istio calls the only cluster of a mesh

std::string FirstOf(const manifest::Labels& labels, std::initializer_list<const char*> keys,
                    const std::string& otherwise) {
  for (const char* key : keys) {
    if (const auto found = labels.find(key); found != labels.end()) return found->second;
  }
  return otherwise;
}

// "name;namespace;canonical name;canonical revision;cluster", for telemetry and for people.
std::string WorkloadName(const MeshEndpoint& endpoint) {
  const std::string name =
      FirstOf(endpoint.labels, {"service.istio.io/canonical-name", "app.kubernetes.io/name", "app"},
              endpoint.workload);
  const std::string revision =
      FirstOf(endpoint.labels,
              {"service.istio.io/canonical-revision", "app.kubernetes.io/version", "version"}, "");
  return absl::StrCat(endpoint.workload, ";", endpoint.name_space, ";", name, ";", revision, ";",
                      kCluster);
}

xds_core::HealthStatus HealthOf(MeshEndpoint::Health health) {
  switch (health) {
    case MeshEndpoint::Health::kUnknown:
      return xds_core::UNKNOWN;
    case MeshEndpoint::Health::kHealthy:
      return xds_core::HEALTHY;
    case MeshEndpoint::Health::kUnhealthy:
      return xds_core::UNHEALTHY;
  }
  return xds_core::UNKNOWN;
}

void Fill(const MeshEndpoint& endpoint, xds_endpoint::LbEndpoint& out) {
  SetSocketAddress(endpoint.address, endpoint.port, *out.mutable_endpoint()->mutable_address());
  out.set_health_status(HealthOf(endpoint.health));
  auto& metadata = *out.mutable_metadata();
  if (endpoint.istio_tls) {
    auto& match = (*metadata.mutable_filter_metadata())["envoy.transport_socket_match"];
    (*match.mutable_fields())["tlsMode"].set_string_value("istio");
  }
  if (!endpoint.workload.empty()) {
    auto& fields = *IstioMetadata(metadata).mutable_fields();
    fields["workload"].set_string_value(WorkloadName(endpoint));
  }
  out.mutable_load_balancing_weight()->set_value(endpoint.weight);
}

void SetLocality(const std::string& locality, xds_core::Locality& out) {
  const std::vector<std::string> parts = absl::StrSplit(locality, absl::MaxSplits('/', 2));
  out.set_region(parts[0]);
  if (parts.size() > 1) out.set_zone(parts[1]);
  if (parts.size() > 2) out.set_sub_zone(parts[2]);
}

}  // namespace

xds_endpoint::ClusterLoadAssignment BuildEndpoints(const std::string& cluster,
                                                   const std::vector<MeshEndpoint>& endpoints,
                                                   const manifest::TrafficPolicy& policy,
                                                   const NodeClass& client) {
  std::vector<LocalityGroup> groups = GroupByLocality(endpoints);
  ApplyLocalityPolicy(policy, client.locality, client.labels, groups);
  xds_endpoint::ClusterLoadAssignment assignment;
  assignment.set_cluster_name(cluster);
  for (const LocalityGroup& group : groups) {
    xds_endpoint::LocalityLbEndpoints& locality = *assignment.add_endpoints();
    SetLocality(group.locality, *locality.mutable_locality());
    for (const MeshEndpoint* endpoint : group.endpoints) {
      Fill(*endpoint, *locality.add_lb_endpoints());
    }
    locality.mutable_load_balancing_weight()->set_value(group.weight);
    locality.set_priority(group.priority);
  }
  return assignment;
}

void KeepLabelled(const manifest::Labels& labels, std::vector<MeshEndpoint>& endpoints) {
  std::erase_if(endpoints, [&](const MeshEndpoint& endpoint) {
    return !LabelsMatch(labels, endpoint.labels);
  });
}

std::vector<MeshEndpoint> NamesToResolve(const MeshService& service, const MeshPort& port,
                                         const EndpointIndex& files) {
  std::vector<MeshEndpoint> endpoints = files.Of(service, port);
  if (!endpoints.empty()) return endpoints;
  MeshEndpoint own;
  own.address = service.dns_name.empty() ? service.host : service.dns_name;
  if (IsWildcard(own.address)) return {};
  const auto* target = std::get_if<uint32_t>(&port.target);
  own.port = target != nullptr ? *target : port.number;
  own.name_space = service.name_space;
  own.workload = service.meta->name;
  endpoints.push_back(std::move(own));
  return endpoints;
}

}  // namespace meshlib::translate
