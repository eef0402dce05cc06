// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/string_view.h"
#include "manifest/check_parts.h"
#include "manifest/field_rules.h"
#include "manifest/near_name.h"

namespace meshlib::manifest {
namespace {

constexpr char kMesh[] = "mesh";

std::string Meant(const std::optional<std::string>& name) {
  return name ? absl::StrCat(", did you mean \"", *name, "\"?") : std::string();
}

// Looking for a host that was meant takes a while, and the first hundred times are enough.
std::string MeantHost(const HostIndex& hosts, const std::string& host,
                      const std::vector<Problem>& problems) {
  return problems.size() < 100 ? Meant(hosts.Nearest(host)) : std::string();
}

bool AppliesToMesh(const VirtualService& service) {
  const std::vector<std::string>& gateways = service.gateways;
  return gateways.empty() || std::count(gateways.begin(), gateways.end(), kMesh) > 0;
}

// Where a gateway's name in a VirtualService points: "namespace/name".
std::string CompleteGateway(const std::string& name, const std::string& name_space) {
  if (name.find('/') != std::string::npos) return name;
  const size_t dot = name.find('.');
  if (dot == std::string::npos) return absl::StrCat(name_space, "/", name);
  // The old form, "name.namespace.svc.cluster.local".
  const size_t end = name.find('.', dot + 1);
  return absl::StrCat(name.substr(dot + 1, end == std::string::npos ? end : end - dot - 1), "/",
                      name.substr(0, dot));
}

// Looks for everything that one VirtualService names. Thread-compatible.
class VirtualServiceReferences final {
 public:
  VirtualServiceReferences(const VirtualService& service, const Manifest& manifest,
                           const HostIndex& hosts, std::vector<Problem>& problems)
      : service_(service),
        manifest_(manifest),
        hosts_(hosts),
        problems_(problems),
        report_("VirtualService", service.meta, problems) {}

  void Check() {
    if (AppliesToMesh(service_)) CheckHosts();
    for (const std::string& gateway : service_.gateways) {
      CheckGateway(gateway, service_.hosts_position, "spec.gateways");
    }
    for (size_t i = 0; i < service_.http.size(); ++i) {
      CheckHttp(service_.http[i], absl::StrCat("spec.http[", i, "]"));
    }
    CheckConnections(service_.tls, "tls");
    CheckConnections(service_.tcp, "tcp");
  }

 private:
  // A misspelt host of its own is the quietest mistake: the routes are just never asked.
  void CheckHosts() {
    for (const std::string& host : service_.hosts) {
      const std::string complete = CompleteHost(host, service_.meta.name_space);
      if (hosts_.Has(complete) || IsIpAddress(complete)) continue;
      report_.Warn(service_.hosts_position, "spec.hosts",
                   absl::StrCat("no Service or ServiceEntry has host \"", complete, "\"",
                                MeantHost(hosts_, complete, problems_)));
    }
  }

  void CheckHttp(const HttpRoute& route, const std::string& field) {
    for (size_t i = 0; i < route.route.size(); ++i) {
      CheckDestination(route.route[i].destination, absl::StrCat(field, ".route[", i, "]"));
    }
    for (const HttpMirror& mirror : route.mirrors) {
      CheckDestination(mirror.destination, absl::StrCat(field, ".mirror"));
    }
    for (const HttpMatch& match : route.match) CheckMatchGateways(match, field);
  }

  void CheckMatchGateways(const HttpMatch& match, const std::string& field) {
    const std::vector<std::string>& own = service_.gateways;
    for (const std::string& gateway : match.gateways) {
      const bool listed =
          own.empty() ? gateway == kMesh : std::count(own.begin(), own.end(), gateway) > 0;
      if (listed || service_.hosts.empty()) continue;
      report_.Warn(
          match.position, absl::StrCat(field, ".match"),
          absl::StrCat("gateway \"", gateway, "\" is not among those of the VirtualService"));
    }
  }

  void CheckConnections(const std::vector<ConnectionRoute>& routes, const char* name) {
    for (size_t i = 0; i < routes.size(); ++i) {
      for (const ConnectionDestination& destination : routes[i].route) {
        CheckDestination(destination.destination, absl::StrCat("spec.", name, "[", i, "].route"));
      }
    }
  }

  void CheckDestination(const Destination& destination, const std::string& field) {
    if (destination.host.empty()) return;
    const std::string host = CompleteHost(destination.host, service_.meta.name_space);
    if (!hosts_.Has(host)) {
      report_.Error(
          destination.position, field,
          absl::StrCat("host \"", host, "\" does not exist", MeantHost(hosts_, host, problems_)));
      return;
    }
    const std::set<uint32_t> ports = hosts_.PortsOf(host);
    if (destination.port && !ports.empty() && ports.count(*destination.port) == 0) {
      report_.Error(destination.position, field,
                    absl::StrCat("host \"", host, "\" has no port ", *destination.port, "; it has ",
                                 absl::StrJoin(ports, ", ")));
    }
    if (!destination.subset.empty()) CheckSubset(destination, host, field);
  }

  void CheckSubset(const Destination& destination, const std::string& host,
                   const std::string& field) {
    std::vector<std::string_view> names;
    for (const DestinationRule* rule : hosts_.RulesFor(host)) {
      for (const Subset& subset : rule->subsets) names.push_back(subset.name);
    }
    if (std::find(names.begin(), names.end(), destination.subset) != names.end()) return;
    const auto nearest = NearestName(destination.subset, names);
    report_.Error(
        destination.position, field,
        absl::StrCat("subset \"", destination.subset, "\" of \"", host,
                     "\" is in no DestinationRule",
                     Meant(nearest ? std::optional<std::string>(*nearest) : std::nullopt)));
  }

  void CheckGateway(const std::string& name, Position position, const char* field) {
    if (name == kMesh) return;
    const std::string wanted = CompleteGateway(name, service_.meta.name_space);
    std::vector<std::string> known;
    for (const Gateway& gateway : manifest_.gateways) {
      known.push_back(gateway.meta.ToString());
      if (known.back() == wanted) return CheckGatewayHosts(gateway);
    }
    const std::vector<std::string_view> views(known.begin(), known.end());
    const auto nearest = NearestName(wanted, views);
    report_.Error(
        position, field,
        absl::StrCat("Gateway ", wanted, " does not exist",
                     Meant(nearest ? std::optional<std::string>(*nearest) : std::nullopt)));
  }

  // Whether a server of the Gateway takes each host of the VirtualService.
  void CheckGatewayHosts(const Gateway& gateway) {
    for (const std::string& host : service_.hosts) {
      const std::string complete = CompleteHost(host, service_.meta.name_space);
      if (IsTaken(gateway, complete)) continue;
      report_.Warn(service_.hosts_position, "spec.hosts",
                   absl::StrCat("no server of Gateway ", gateway.meta.ToString(), " takes \"",
                                complete, "\""));
    }
  }

  bool IsTaken(const Gateway& gateway, const std::string& host) const {
    for (const GatewayServer& server : gateway.servers) {
      for (const std::string& listed : server.hosts) {
        const size_t slash = listed.find('/');
        const std::string name_space = slash == std::string::npos ? "*" : listed.substr(0, slash);
        const bool visible =
            name_space == "*" || name_space == service_.meta.name_space ||
            (name_space == "." && gateway.meta.name_space == service_.meta.name_space);
        if (visible && HostsMeet(host, listed.substr(slash == std::string::npos ? 0 : slash + 1)))
          return true;
      }
    }
    return false;
  }

  const VirtualService& service_;
  const Manifest& manifest_;
  const HostIndex& hosts_;
  const std::vector<Problem>& problems_;
  Reporter report_;
};

// Whether a workload has all the labels.
bool Selects(const Labels& labels, const Workload& workload) {
  return std::all_of(labels.begin(), labels.end(), [&](const auto& label) {
    const auto it = workload.pod_labels.find(label.first);
    return it != workload.pod_labels.end() && it->second == label.second;
  });
}

std::vector<const Workload*> WorkloadsOf(const Manifest& manifest, const Service& service) {
  std::vector<const Workload*> workloads;
  for (const Workload& workload : manifest.workloads) {
    const bool selected = workload.meta.name_space == service.meta.name_space &&
                          !service.selector.empty() && Selects(service.selector, workload);
    if (selected) workloads.push_back(&workload);
  }
  return workloads;
}

void CheckSubsetLabels(const DestinationRule& rule, const Manifest& manifest,
                       const Service& service, Reporter& report) {
  const std::vector<const Workload*> workloads = WorkloadsOf(manifest, service);
  if (workloads.empty()) return;
  for (const Subset& subset : rule.subsets) {
    const bool selects = std::any_of(workloads.begin(), workloads.end(),
                                     [&](const Workload* w) { return Selects(subset.labels, *w); });
    if (selects) continue;
    report.Warn(subset.position, absl::StrCat("spec.subsets[", subset.name, "]"),
                "its labels select none of the workloads of the service");
  }
}

void CheckDestinationRules(const Manifest& manifest, const HostIndex& hosts,
                           std::vector<Problem>& problems) {
  for (const DestinationRule& rule : manifest.destination_rules) {
    Reporter report("DestinationRule", rule.meta, problems);
    const std::string host = CompleteHost(rule.host, rule.meta.name_space);
    if (!host.empty() && !hosts.Has(host)) {
      report.Error(
          rule.host_position, "spec.host",
          absl::StrCat("host \"", host, "\" does not exist", MeantHost(hosts, host, problems)));
    }
    const Service* service = hosts.ServiceOf(host);
    if (service != nullptr) CheckSubsetLabels(rule, manifest, *service, report);
  }
}

// Of two VirtualServices of the mesh for one host Istio takes the older one.
void CheckHostClaims(const Manifest& manifest, std::vector<Problem>& problems) {
  std::map<std::string, const VirtualService*> owners;
  for (const VirtualService& service : manifest.virtual_services) {
    if (!AppliesToMesh(service)) continue;
    for (const std::string& host : service.hosts) {
      const std::string complete = CompleteHost(host, service.meta.name_space);
      const auto [it, is_new] = owners.try_emplace(complete, &service);
      if (is_new || it->second == &service) continue;
      Reporter("VirtualService", service.meta, problems)
          .Warn(service.hosts_position, "spec.hosts",
                absl::StrCat("\"", complete, "\" is claimed by VirtualService ",
                             it->second->meta.ToString(), " at ", it->second->meta.place.ToString(),
                             " as well; one of the two is ignored"));
    }
  }
}

bool HasPortNamed(const Workload& workload, const std::string& name) {
  for (const Container& container : workload.containers) {
    for (const ContainerPort& port : container.ports) {
      if (port.name == name) return true;
    }
  }
  return false;
}

void CheckTargetPorts(const Manifest& manifest, std::vector<Problem>& problems) {
  for (const Service& service : manifest.services) {
    const std::vector<const Workload*> workloads = WorkloadsOf(manifest, service);
    for (const ServicePort& port : service.ports) {
      const auto* name = std::get_if<std::string>(&port.target_port);
      if (name == nullptr || workloads.empty()) continue;
      const bool found = std::any_of(workloads.begin(), workloads.end(),
                                     [&](const Workload* w) { return HasPortNamed(*w, *name); });
      if (found) continue;
      Reporter("Service", service.meta, problems)
          .Warn(port.position, "spec.ports",
                absl::StrCat("no workload of the service has a port named \"", *name, "\""));
    }
  }
}

}  // namespace

void CheckReferences(const Manifest& manifest, const HostIndex& hosts,
                     std::vector<Problem>& problems) {
  for (const VirtualService& service : manifest.virtual_services) {
    VirtualServiceReferences(service, manifest, hosts, problems).Check();
  }
  CheckDestinationRules(manifest, hosts, problems);
  CheckHostClaims(manifest, problems);
  CheckTargetPorts(manifest, problems);
}

}  // namespace meshlib::manifest
