// SPDX-License-Identifier: Apache-2.0
#include "translate/endpoint_index.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "translate/host_name.h"
#include "translate/node_class.h"
#include "translate/policy_index.h"

namespace meshlib::translate {
namespace {

constexpr char kTlsModeLabel[] = "security.istio.io/tlsMode";
constexpr char kIstioTls[] = "istio";

bool HasIstioTls(const manifest::Labels& labels) {
  const auto found = labels.find(kTlsModeLabel);
  return found != labels.end() && found->second == kIstioTls;
}

bool Selects(const MeshService& service, const std::string& name_space,
             const manifest::Labels& labels) {
  return service.selector && name_space == service.name_space &&
         LabelsMatch(*service.selector, labels);
}

std::optional<uint32_t> ContainerPortNamed(const manifest::Workload& workload,
                                           const std::string& name) {
  for (const manifest::Container& container : workload.containers) {
    for (const manifest::ContainerPort& port : container.ports) {
      if (port.name == name) return port.container_port;
    }
  }
  return std::nullopt;
}

// Where a WorkloadEntry or an endpoint of a ServiceEntry serves that port.
uint32_t PortOf(const manifest::WorkloadSpec& spec, const MeshPort& port) {
  if (const auto own = spec.ports.find(port.name); own != spec.ports.end()) return own->second;
  if (const auto* number = std::get_if<uint32_t>(&port.target)) return *number;
  const auto named = spec.ports.find(std::get<std::string>(port.target));
  return named != spec.ports.end() ? named->second : port.number;
}

// Istio's rule: the label decides, else having a service account.
bool SpecHasTls(const manifest::WorkloadSpec& spec, const manifest::Labels& labels) {
  if (labels.contains(kTlsModeLabel)) return HasIstioTls(labels);
  return !spec.service_account.empty();
}

MeshEndpoint FromSpec(const manifest::WorkloadSpec& spec, const manifest::ObjectMeta& meta,
                      const manifest::Labels& labels, const MeshPort& port) {
  MeshEndpoint endpoint;
  endpoint.address = spec.address;
  endpoint.port = PortOf(spec, port);
  endpoint.labels = labels;
  endpoint.locality = spec.locality;
  endpoint.weight = spec.weight == 0 ? 1 : spec.weight;
  endpoint.istio_tls = SpecHasTls(spec, labels);
  endpoint.service_account = spec.service_account;
  endpoint.name_space = meta.name_space;
  endpoint.workload = meta.name;
  return endpoint;
}

manifest::Labels LabelsOf(const manifest::WorkloadEntry& entry) {
  manifest::Labels labels = entry.meta.labels;
  for (const auto& [key, value] : entry.spec.labels) labels[key] = value;
  return labels;
}

// Whether others call a workload that registered by Istio's mutual TLS: the label decides, else
// that its port takes nothing else.
bool RegisteredHasTls(const PolicyIndex& policies, const registry::Workload& workload,
                      uint32_t port) {
  if (workload.labels.contains(kTlsModeLabel)) return HasIstioTls(workload.labels);
  return policies.Mtls(workload.name_space, workload.labels, port) == MtlsMode::kStrict;
}

void OnePerAddress(std::vector<MeshEndpoint>& endpoints) {
  std::set<std::pair<std::string, uint32_t>> seen;
  std::erase_if(endpoints, [&](const MeshEndpoint& endpoint) {
    return endpoint.address.empty() || !seen.insert({endpoint.address, endpoint.port}).second;
  });
  std::sort(endpoints.begin(), endpoints.end(), [](const MeshEndpoint& a, const MeshEndpoint& b) {
    return std::tie(a.address, a.port) < std::tie(b.address, b.port);
  });
}

}  // namespace

bool KnowsContainerPort(const manifest::Manifest& manifest, const MeshService& service,
                        const std::string& name) {
  return std::any_of(manifest.workloads.begin(), manifest.workloads.end(),
                     [&](const manifest::Workload& workload) {
                       return Selects(service, workload.meta.name_space, workload.pod_labels) &&
                              ContainerPortNamed(workload, name).has_value();
                     });
}

std::vector<uint32_t> TargetNumbers(const manifest::Manifest& manifest, const MeshService& service,
                                    const MeshPort& port, const manifest::Labels& labels) {
  if (const auto* number = std::get_if<uint32_t>(&port.target)) return {*number};
  const std::string& name = std::get<std::string>(port.target);
  std::vector<uint32_t> of_these, of_any;
  for (const manifest::Workload& workload : manifest.workloads) {
    if (!Selects(service, workload.meta.name_space, workload.pod_labels)) continue;
    const std::optional<uint32_t> number = ContainerPortNamed(workload, name);
    if (!number) continue;
    of_any.push_back(*number);
    if (LabelsMatch(workload.pod_labels, labels)) of_these.push_back(*number);
  }
  if (!of_these.empty()) return of_these;
  if (!of_any.empty()) return of_any;
  return {port.number};
}

EndpointIndex::EndpointIndex(const manifest::Manifest& manifest,
                             std::vector<registry::Workload> registered)
    : manifest_(manifest), registered_(std::move(registered)) {}

std::vector<MeshEndpoint> EndpointIndex::Of(const MeshService& service,
                                            const MeshPort& port) const {
  Endpoints endpoints;
  AddRegistered(service, port, endpoints);
  AddListed(service, port, endpoints);
  OnePerAddress(endpoints);
  return endpoints;
}

bool EndpointIndex::HasRegistered(const MeshService& service) const {
  return std::any_of(registered_.begin(), registered_.end(), [&](const auto& workload) {
    return Selects(service, workload.name_space, workload.labels);
  });
}

bool EndpointIndex::HasListed(const MeshService& service, const MeshPort& port) const {
  Endpoints endpoints;
  AddListed(service, port, endpoints);
  return !endpoints.empty();
}

std::vector<std::string> EndpointIndex::SubjectAltNames(const MeshService& service,
                                                        const TrustDomains& domains) const {
  std::set<std::string> names(service.subject_alt_names.begin(), service.subject_alt_names.end());
  const auto add = [&](const std::string& name_space, const std::string& account) {
    if (!account.empty()) names.insert(domains.SpiffeId(name_space, account));
  };
  for (const MeshPort& port : service.ports) {
    Endpoints endpoints;
    AddListed(service, port, endpoints);
    for (const MeshEndpoint& endpoint : endpoints) {
      add(endpoint.name_space, endpoint.service_account);
    }
  }
  for (const manifest::Workload& workload : manifest_.workloads) {
    if (Selects(service, workload.meta.name_space, workload.pod_labels)) {
      add(workload.meta.name_space, workload.service_account);
    }
  }
  domains.AddAliases(names);
  return {names.begin(), names.end()};
}

void EndpointIndex::AddListed(const MeshService& service, const MeshPort& port,
                              Endpoints& out) const {
  if (service.kubernetes) AddSlices(service, port, out);
  if (service.entry != nullptr && !service.selector) AddInline(service, port, out);
  if (service.selector) {
    AddPods(service, port, out);
    AddWorkloadEntries(service, port, out);
  }
}

void EndpointIndex::AddRegistered(const MeshService& service, const MeshPort& port,
                                  Endpoints& out) const {
  const PolicyIndex policies(manifest_);
  for (const registry::Workload& workload : registered_) {
    if (!Selects(service, workload.name_space, workload.labels)) continue;
    for (const uint32_t number : TargetNumbers(manifest_, service, port, workload.labels)) {
      const auto& ports = workload.ports;
      if (std::find(ports.begin(), ports.end(), number) == ports.end()) continue;
      MeshEndpoint endpoint;
      endpoint.address = workload.address;
      endpoint.port = number;
      endpoint.labels = workload.labels;
      endpoint.locality = LocalityOf(workload.labels);
      endpoint.health = MeshEndpoint::Health::kHealthy;
      endpoint.istio_tls = RegisteredHasTls(policies, workload, number);
      endpoint.service_account = workload.service_account;
      endpoint.name_space = workload.name_space;
      endpoint.workload = workload.name;
      out.push_back(std::move(endpoint));
      break;
    }
  }
}

void EndpointIndex::AddSlices(const MeshService& service, const MeshPort& port,
                              Endpoints& out) const {
  for (const manifest::EndpointSlice& slice : manifest_.endpoint_slices) {
    if (slice.meta.name_space != service.name_space || slice.service_name != service.name) continue;
    // Kubernetes writes the names; people leave them out where there is one port only.
    const bool one_port = service.ports.size() == 1 && slice.ports.size() == 1;
    for (const manifest::SlicePort& slice_port : slice.ports) {
      if (one_port || slice_port.name == port.name) {
        AddSlicePort(service, slice, slice_port.port, out);
      }
    }
  }
}

void EndpointIndex::AddSlicePort(const MeshService& service, const manifest::EndpointSlice& slice,
                                 uint32_t port, Endpoints& out) const {
  const bool tell_unready =
      service.service != nullptr && service.service->publish_not_ready_addresses;
  for (const manifest::SliceEndpoint& from : slice.endpoints) {
    if (from.addresses.empty() || (from.terminating && !from.ready)) continue;
    MeshEndpoint endpoint;
    endpoint.address = from.addresses.front();
    endpoint.port = port;
    endpoint.health = from.ready || tell_unready ? MeshEndpoint::Health::kHealthy
                                                 : MeshEndpoint::Health::kUnhealthy;
    endpoint.name_space = slice.meta.name_space;
    endpoint.workload = from.pod_name;
    if (const manifest::Workload* pod = FindPod(slice.meta.name_space, from.pod_name)) {
      endpoint.labels = pod->pod_labels;
      endpoint.locality = LocalityOf(pod->pod_labels);
      endpoint.istio_tls = HasIstioTls(pod->pod_labels);
      endpoint.service_account = pod->service_account;
    }
    out.push_back(std::move(endpoint));
  }
}

void EndpointIndex::AddPods(const MeshService& service, const MeshPort& port,
                            Endpoints& out) const {
  for (const manifest::Workload& pod : manifest_.workloads) {
    if (pod.kind != manifest::Workload::Kind::kPod || pod.pod_ips.empty()) continue;
    if (!Selects(service, pod.meta.name_space, pod.pod_labels)) continue;
    MeshEndpoint endpoint;
    endpoint.address = pod.pod_ips.front();
    endpoint.port = TargetNumbers(manifest_, service, port, pod.pod_labels).front();
    endpoint.labels = pod.pod_labels;
    endpoint.locality = LocalityOf(pod.pod_labels);
    endpoint.health = pod.ready ? MeshEndpoint::Health::kHealthy : MeshEndpoint::Health::kUnhealthy;
    endpoint.istio_tls = HasIstioTls(pod.pod_labels);
    endpoint.service_account = pod.service_account;
    endpoint.name_space = pod.meta.name_space;
    endpoint.workload = pod.meta.name;
    out.push_back(std::move(endpoint));
  }
}

void EndpointIndex::AddWorkloadEntries(const MeshService& service, const MeshPort& port,
                                       Endpoints& out) const {
  for (const manifest::WorkloadEntry& entry : manifest_.workload_entries) {
    const manifest::Labels labels = LabelsOf(entry);
    if (!Selects(service, entry.meta.name_space, labels)) continue;
    out.push_back(FromSpec(entry.spec, entry.meta, labels, port));
  }
}

void EndpointIndex::AddInline(const MeshService& service, const MeshPort& port,
                              Endpoints& out) const {
  AddInlineOf(*service.entry, service, port, out);
  for (const manifest::ServiceEntry* entry : service.more_entries) {
    AddInlineOf(*entry, service, port, out);
  }
}

// Where several ServiceEntries make one service, the name of a port says whose endpoints it has.
void EndpointIndex::AddInlineOf(const manifest::ServiceEntry& entry, const MeshService& service,
                                const MeshPort& port, Endpoints& out) const {
  const auto own = std::find_if(entry.ports.begin(), entry.ports.end(),
                                [&](const auto& each) { return each.name == port.name; });
  if (own == entry.ports.end()) return;
  MeshPort entry_port = port;
  entry_port.target = own->target_port.value_or(own->number);
  for (const manifest::WorkloadSpec& spec : entry.endpoints) {
    MeshEndpoint endpoint = FromSpec(spec, entry.meta, spec.labels, entry_port);
    endpoint.istio_tls = endpoint.istio_tls && !service.external;
    out.push_back(std::move(endpoint));
  }
}

const manifest::Workload* EndpointIndex::FindPod(const std::string& name_space,
                                                 const std::string& name) const {
  if (name.empty()) return nullptr;
  for (const manifest::Workload& workload : manifest_.workloads) {
    if (workload.kind == manifest::Workload::Kind::kPod && workload.meta.name == name &&
        workload.meta.name_space == name_space) {
      return &workload;
    }
  }
  return nullptr;
}

}  // namespace meshlib::translate
