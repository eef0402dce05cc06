// SPDX-License-Identifier: Apache-2.0
#include "translate/service_index.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "translate/host_name.h"

namespace meshlib::translate {
namespace {

constexpr char kExportToAnnotation[] = "networking.istio.io/exportTo";

std::vector<std::string> ExportTo(const manifest::ObjectMeta& meta) {
  std::vector<std::string> namespaces;
  const auto found = meta.annotations.find(kExportToAnnotation);
  if (found == meta.annotations.end()) return namespaces;
  for (const auto part : absl::StrSplit(found->second, ',')) {
    const auto name = absl::StripAsciiWhitespace(part);
    if (!name.empty()) namespaces.emplace_back(name);
  }
  return namespaces;
}

Resolution ResolutionOf(const manifest::ServiceEntry& entry) {
  switch (entry.resolution) {
    case manifest::ServiceEntry::Resolution::kNone:
    case manifest::ServiceEntry::Resolution::kDynamicDns:
      return Resolution::kPassthrough;
    case manifest::ServiceEntry::Resolution::kStatic:
      return Resolution::kEndpoints;
    case manifest::ServiceEntry::Resolution::kDns:
      return Resolution::kDns;
    case manifest::ServiceEntry::Resolution::kDnsRoundRobin:
      return Resolution::kDnsRoundRobin;
  }
  return Resolution::kEndpoints;
}

// Prefixes stay out: no client can put one into a Host header.
std::vector<std::string> Addresses(const manifest::ServiceEntry& entry) {
  std::vector<std::string> addresses;
  for (const std::string& address : entry.addresses) {
    const size_t slash = address.find('/');
    const std::string bits = slash == std::string::npos ? "" : address.substr(slash + 1);
    if (bits.empty() || bits == "32" || bits == "128")
      addresses.push_back(address.substr(0, slash));
  }
  return addresses;
}

MeshService FromService(const manifest::Service& service) {
  MeshService result;
  result.host = ServiceHost(service.meta.name, service.meta.name_space);
  result.name = service.meta.name;
  result.name_space = service.meta.name_space;
  result.kubernetes = true;
  if (!service.headless()) result.addresses = service.cluster_ips;
  for (const manifest::ServicePort& port : service.ports) {
    result.ports.push_back(
        {.number = port.port,
         .name = port.name,
         .protocol = KubernetesPortProtocol(port.protocol, port.app_protocol, port.name, port.port),
         .target = port.target_port});
  }
  if (!service.selector.empty()) result.selector = service.selector;
  result.export_to = ExportTo(service.meta);
  result.meta = &service.meta;
  result.service = &service;
  return result;
}

template <typename Object>
std::vector<const Object*> OldestFirst(const std::vector<Object>& objects) {
  std::vector<const Object*> sorted;
  for (const Object& object : objects) sorted.push_back(&object);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Object* a, const Object* b) {
    return manifest::IsOlder(a->meta, b->meta);
  });
  return sorted;
}

}  // namespace

const MeshPort* MeshService::PortNumbered(uint32_t number) const {
  for (const MeshPort& port : ports) {
    if (port.number == number) return &port;
  }
  return nullptr;
}

bool IsExported(const std::vector<std::string>& export_to, const std::string& name_space,
                const std::string& client_namespace) {
  if (export_to.empty()) return true;
  return std::any_of(export_to.begin(), export_to.end(), [&](const std::string& to) {
    return to == "*" || to == client_namespace || (to == "." && name_space == client_namespace);
  });
}

ServiceIndex::ServiceIndex(const manifest::Manifest& manifest) {
  for (const manifest::Service* service : OldestFirst(manifest.services)) AddService(*service);
  for (const manifest::ServiceEntry* entry : OldestFirst(manifest.service_entries)) {
    AddEntry(*entry);
  }
  AddAliases(manifest);
}

void ServiceIndex::AddService(const manifest::Service& service) {
  if (service.type == manifest::Service::Type::kExternalName) return;
  services_.push_back(FromService(service));
}

void ServiceIndex::AddExternalName(const manifest::Service& service) {
  MeshService result = FromService(service);
  result.external = true;
  result.resolution = Resolution::kDns;
  result.dns_name = service.external_name;
  result.selector.reset();
  services_.push_back(std::move(result));
}

void ServiceIndex::AddEntry(const manifest::ServiceEntry& entry) {
  for (const std::string& host : entry.hosts) {
    MeshService result;
    result.host = absl::AsciiStrToLower(host);
    result.name = result.host;
    result.name_space = entry.meta.name_space;
    result.external = entry.location == manifest::ServiceEntry::Location::kMeshExternal;
    result.resolution = ResolutionOf(entry);
    result.addresses = Addresses(entry);
    for (const manifest::ServiceEntryPort& port : entry.ports) {
      result.ports.push_back({.number = port.number,
                              .name = port.name,
                              .protocol = IstioPortProtocol(port.protocol),
                              .target = port.target_port.value_or(port.number)});
    }
    result.selector = entry.workload_selector;
    result.export_to = entry.export_to;
    result.subject_alt_names = entry.subject_alt_names;
    result.meta = &entry.meta;
    result.entry = &entry;
    if (!Merge(result)) services_.push_back(std::move(result));
  }
}

// Istio's canMergeServices.
bool ServiceIndex::Merge(const MeshService& service) {
  const auto like = std::find_if(services_.begin(), services_.end(), [&](const MeshService& other) {
    return other.entry != nullptr && other.host == service.host &&
           other.name_space == service.name_space && other.resolution == service.resolution &&
           other.selector == service.selector && other.export_to == service.export_to &&
           other.meta->labels == service.meta->labels;
  });
  if (like == services_.end()) return false;
  for (const MeshPort& port : service.ports) {
    if (like->PortNumbered(port.number) == nullptr) like->ports.push_back(port);
  }
  like->more_entries.push_back(service.entry);
  return true;
}

void ServiceIndex::AddAliases(const manifest::Manifest& manifest) {
  for (const manifest::Service& service : manifest.services) {
    if (service.type != manifest::Service::Type::kExternalName) continue;
    const std::string target = absl::AsciiStrToLower(service.external_name);
    bool found = false;
    for (MeshService& known : services_) {
      if (known.host != target) continue;
      known.aliases.push_back(ServiceHost(service.meta.name, service.meta.name_space));
      found = true;
    }
    if (!found) AddExternalName(service);
  }
}

VisibleServices ServiceIndex::VisibleTo(const std::string& client_namespace,
                                        const EgressHosts& imported) const {
  VisibleServices visible;
  for (const MeshService& service : services_) {
    if (!IsExported(service.export_to, service.name_space, client_namespace)) continue;
    if (!imported.ImportsService(service.name_space, service.host)) continue;
    const MeshService*& chosen = visible[service.host];
    const bool preferred = chosen != nullptr && !chosen->kubernetes &&
                           chosen->name_space != client_namespace &&
                           service.name_space == client_namespace;
    if (chosen == nullptr || preferred) chosen = &service;
  }
  return visible;
}

}  // namespace meshlib::translate
