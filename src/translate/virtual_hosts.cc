// SPDX-License-Identifier: Apache-2.0
#include "translate/virtual_hosts.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "translate/host_name.h"

namespace meshlib::translate {
namespace {

constexpr uint32_t kHttpPort = 80;

// Services that speak HTTP on one port, by host.
using Services = std::map<std::string, const MeshService*, std::less<>>;

class Builder final {
 public:
  Builder(const std::vector<const BoundVirtualService*>& virtual_services, const RouteScope& scope);
  std::vector<xds_route::VirtualHost> Build();

 private:
  // Hosts with one list of routes.
  struct Group {
    std::vector<std::string> other_hosts;
    std::vector<const MeshService*> services;
    std::vector<xds_route::Route> routes;
  };

  bool IsOpaque(const MeshPort& port) const;
  bool IsSelected(const BoundVirtualService& bound) const;
  const BoundVirtualService* Owner(const std::string& host) const;
  void AddGroup(const BoundVirtualService& bound);
  void AddDefaults();
  void AddDefault(const MeshService& service);
  std::vector<std::string> Domains(const MeshService& service,
                                   std::set<std::string>& alternatives) const;
  void AddDomain(const std::string& domain, std::vector<std::string>& domains) const;
  void Emit(const std::string& host, const MeshService* service,
            const std::vector<xds_route::Route>& routes);

  const RouteScope& scope_;
  const std::vector<const BoundVirtualService*>& virtual_services_;
  Services services_;
  std::vector<Group> groups_;
  std::set<std::string> names_, domains_, known_hosts_;
  std::vector<xds_route::VirtualHost> hosts_;
};

Builder::Builder(const std::vector<const BoundVirtualService*>& virtual_services,
                 const RouteScope& scope)
    : scope_(scope), virtual_services_(virtual_services) {
  for (const auto& [host, service] : scope_.services) {
    const MeshPort* port = service->PortNumbered(scope_.port);
    if (port == nullptr) continue;
    if (MayCarryHttp(port->protocol)) services_.emplace(host, service);
    if (IsOpaque(*port)) AddDefault(*service);
  }
}

// A proxy passes TCP ports, and TLS that is not its own, on as they are, whatever a VirtualService
// says of HTTP. A client that speaks HTTP to one, inside TLS of its own for https:// URLs, gets the
// same from a route without policies; clients of the other shapes get what istiod gives them:
// nothing.
bool Builder::IsOpaque(const MeshPort& port) const {
  const bool opaque = port.protocol == PortProtocol::kTcp || port.protocol == PortProtocol::kTls;
  return opaque && scope_.client.shape == Shape::kSidecar;
}

std::vector<xds_route::VirtualHost> Builder::Build() {
  for (const BoundVirtualService* bound : virtual_services_) AddGroup(*bound);
  AddDefaults();
  for (const Group& group : groups_) {
    for (const MeshService* service : group.services) known_hosts_.insert(service->host);
  }
  for (const Group& group : groups_) {
    for (const std::string& host : group.other_hosts) Emit(host, nullptr, group.routes);
    for (const MeshService* service : group.services) Emit(service->host, service, group.routes);
  }
  std::stable_sort(hosts_.begin(), hosts_.end(),
                   [](const auto& a, const auto& b) { return a.name() < b.name(); });
  return std::move(hosts_);
}

// Istio looks at a VirtualService on a port only where it has a service there, but at all on 80.
bool Builder::IsSelected(const BoundVirtualService& bound) const {
  if (scope_.port == kHttpPort) return true;
  return std::any_of(bound.hosts.begin(), bound.hosts.end(), [&](const std::string& host) {
    if (services_.contains(host)) return true;
    return std::any_of(services_.begin(), services_.end(), [&](const auto& entry) {
      const bool wildcards = IsWildcard(host) || IsWildcard(entry.first);
      return wildcards && HostsOverlap(host, entry.first);
    });
  });
}

const BoundVirtualService* Builder::Owner(const std::string& host) const {
  const BoundVirtualService* best = nullptr;
  size_t best_length = 0;
  for (const BoundVirtualService* bound : virtual_services_) {
    for (const std::string& candidate : bound->hosts) {
      if (candidate == host) return bound;
      if (!IsWildcard(candidate) || !HostIsWithin(host, candidate)) continue;
      if (best != nullptr && candidate.size() <= best_length) continue;
      best = bound;
      best_length = candidate.size();
    }
  }
  return best;
}

void Builder::AddGroup(const BoundVirtualService& bound) {
  if (!IsSelected(bound)) return;
  Group group;
  group.routes = BuildRoutes(bound, scope_);
  if (group.routes.empty()) return;
  for (const std::string& host : bound.hosts) {
    if (!IsWildcard(host)) {
      const auto found = services_.find(host);
      if (found == services_.end()) {
        group.other_hosts.push_back(host);
      } else {
        group.services.push_back(found->second);
      }
      continue;
    }
    bool covers_some = false;
    for (const auto& [name, service] : services_) {
      if (!HostsOverlap(name, host)) continue;
      covers_some = true;
      if (Owner(name) == &bound) group.services.push_back(service);
    }
    if (!covers_some) group.other_hosts.push_back(host);
  }
  if (!group.services.empty() || scope_.port == kHttpPort) groups_.push_back(std::move(group));
}

void Builder::AddDefaults() {
  std::set<const MeshService*> done;
  for (const Group& group : groups_) done.insert(group.services.begin(), group.services.end());
  for (const auto& [host, service] : services_) {
    if (!done.contains(service)) AddDefault(*service);
  }
}

void Builder::AddDefault(const MeshService& service) {
  Group group;
  group.services.push_back(&service);
  group.routes.push_back(DefaultRoute(service, *service.PortNumbered(scope_.port), scope_));
  groups_.push_back(std::move(group));
}

// gRPC clients do not pass over ports in the authority: each domain is there with and without.
void Builder::AddDomain(const std::string& domain, std::vector<std::string>& domains) const {
  domains.push_back(BracketIpv6(domain));
  if (scope_.client.shape == Shape::kGrpc) domains.push_back(JoinHostPort(domain, scope_.port));
}

std::vector<std::string> Builder::Domains(const MeshService& service,
                                          std::set<std::string>& alternatives) const {
  std::vector<std::string> domains;
  std::vector<std::string> hosts = {service.host};
  hosts.insert(hosts.end(), service.aliases.begin(), service.aliases.end());
  for (const std::string& host : hosts) {
    AddDomain(host, domains);
    for (const std::string& alternative : AlternativeHosts(host, scope_.client.dns_domain)) {
      AddDomain(alternative, domains);
      alternatives.insert(alternative);
    }
  }
  if (service.service != nullptr && service.service->headless()) {
    const std::vector<std::string> plain = domains;
    for (const std::string& domain : plain) domains.push_back(absl::StrCat("*.", domain));
  }
  for (const std::string& address : service.addresses) {
    if (address != "0.0.0.0") AddDomain(address, domains);
  }
  return domains;
}

void Builder::Emit(const std::string& host, const MeshService* service,
                   const std::vector<xds_route::Route>& routes) {
  xds_route::VirtualHost result;
  result.set_name(JoinHostPort(host, scope_.port));
  if (!names_.insert(result.name()).second) return;

  std::set<std::string> alternatives;
  std::vector<std::string> domains;
  if (service != nullptr) {
    domains = Domains(*service, alternatives);
  } else {
    AddDomain(host, domains);
  }
  for (const std::string& domain : domains) {
    // A short form must not take the name that another service has in full.
    if (alternatives.contains(domain) && known_hosts_.contains(domain)) continue;
    if (domains_.insert(absl::AsciiStrToLower(domain)).second) result.add_domains(domain);
  }
  if (result.domains().empty()) return;
  for (const xds_route::Route& route : routes) *result.add_routes() = route;
  result.set_include_request_attempt_count(true);
  hosts_.push_back(std::move(result));
}

}  // namespace

std::vector<xds_route::VirtualHost> BuildVirtualHosts(
    const std::vector<const BoundVirtualService*>& virtual_services, const RouteScope& scope) {
  return Builder(virtual_services, scope).Build();
}

const xds_route::VirtualHost* FindVirtualHost(const std::vector<xds_route::VirtualHost>& hosts,
                                              std::string_view host) {
  const xds_route::VirtualHost* best = nullptr;
  size_t best_length = 0;
  for (const xds_route::VirtualHost& candidate : hosts) {
    for (const std::string& domain : candidate.domains()) {
      if (domain == host) return &candidate;
      if (!IsWildcard(domain) || !HostIsWithin(host, domain)) continue;
      if (best != nullptr && domain.size() <= best_length) continue;
      best = &candidate;
      best_length = domain.size();
    }
  }
  return best;
}

}  // namespace meshlib::translate
