// SPDX-License-Identifier: Apache-2.0
#include "translate/node_view.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "translate/cluster_builder.h"
#include "translate/endpoint_builder.h"
#include "translate/host_name.h"
#include "translate/listener_builder.h"
#include "translate/virtual_hosts.h"

namespace meshlib::translate {
namespace {

std::string AddressOf(const MeshService* service) {
  return service == nullptr || service->addresses.empty() ? "" : service->addresses.front();
}

// "reviews.default.svc.cluster.local:9080" -> that without the port.
std::string HostOf(const xds_route::VirtualHost& host) {
  return host.name().substr(0, host.name().rfind(':'));
}

bool HasDomainFor(const xds_route::VirtualHost& virtual_host, const std::string& host) {
  const auto& domains = virtual_host.domains();
  return std::any_of(domains.begin(), domains.end(), [&](const std::string& domain) {
    return domain == host || (IsWildcard(domain) && HostIsWithin(host, domain));
  });
}

RouterServers ServersIfRouter(const NodeClass& node_class, const MeshModel& model) {
  if (node_class.shape != Shape::kRouter) return {};
  return ServersOf(node_class, model.manifest(), model.services());
}

EgressHosts ImportsOf(const NodeClass& node_class, const MeshModel& model) {
  // A Sidecar is for workloads, not for gateways.
  if (node_class.shape == Shape::kRouter) return {};
  return model.sidecars().Of(node_class);
}

std::vector<const BoundVirtualService*> ImportedVirtualServices(const NodeClass& node_class,
                                                                const MeshModel& model) {
  return model.virtual_services().For(node_class.name_space, kMeshGateway,
                                      ImportsOf(node_class, model));
}

// With the destinations of VirtualServices that are imported, wherever they are.
VisibleServices ImportedServices(const NodeClass& node_class, const MeshModel& model,
                                 const std::vector<const BoundVirtualService*>& virtual_services) {
  const EgressHosts imported = ImportsOf(node_class, model);
  VisibleServices services = model.services().VisibleTo(node_class.name_space, imported);
  if (imported.is_everything()) return services;
  const VisibleServices all = model.services().VisibleTo(node_class.name_space);
  const auto add = [&](const manifest::Destination& to, const std::string& name_space) {
    const auto found = all.find(ExpandHost(to.host, name_space));
    if (found != all.end()) services.insert(*found);
  };
  for (const BoundVirtualService* bound : virtual_services) {
    for (const manifest::HttpRoute& http : bound->source->http) {
      for (const auto& to : http.route) add(to.destination, bound->name_space());
      for (const auto& mirror : http.mirrors) add(mirror.destination, bound->name_space());
    }
  }
  return services;
}

}  // namespace

NodeView::NodeView(std::shared_ptr<const MeshModel> model, NodeClass node_class)
    : model_(std::move(model)),
      class_(std::move(node_class)),
      virtual_services_(ImportedVirtualServices(class_, *model_)),
      services_(ImportedServices(class_, *model_, virtual_services_)),
      servers_(ServersIfRouter(class_, *model_)) {}

const std::vector<xds_route::VirtualHost>& NodeView::VirtualHosts(uint32_t port) {
  const auto found = virtual_hosts_.find(port);
  if (found != virtual_hosts_.end()) return found->second;
  const RouteScope scope{.client = class_,
                         .services = services_,
                         .rules = model_->rules(),
                         .gateway = std::string(kMeshGateway),
                         .port = port};
  return virtual_hosts_.emplace(port, BuildVirtualHosts(virtual_services_, scope)).first->second;
}

// The service that a host names, in full or in one of its short forms.
const MeshService* NodeView::FindCalled(const std::string& host) const {
  if (const MeshService* service = FindService(services_, host)) return service;
  for (const auto& [name, service] : services_) {
    const std::vector<std::string> others = AlternativeHosts(name, class_.dns_domain);
    if (std::find(others.begin(), others.end(), host) != others.end()) return service;
  }
  return nullptr;
}

std::optional<xds_listener::Listener> NodeView::Listener(const std::string& name) {
  if (class_.shape == Shape::kRouter) {
    for (const auto& [port, servers] : servers_) {
      if (RouterListenerName(port) != name) continue;
      const AppliedPolicies policies =
          model_->policies().Authorization(class_.name_space, class_.labels);
      return BuildRouterListener(
          port, BuildRbacFilters(class_.shape, policies, model_->trust_domains(), false));
    }
    return std::nullopt;
  }
  std::optional<HostPort> called = ParseHostPort(name);
  if (!called) return std::nullopt;
  called->host = absl::AsciiStrToLower(called->host);
  return class_.shape == Shape::kGrpc ? GrpcListener(name, *called)
                                      : SidecarListener(name, *called);
}

std::optional<xds_listener::Listener> NodeView::SidecarListener(const std::string& name,
                                                                const HostPort& called) {
  const xds_route::VirtualHost* found =
      FindVirtualHost(VirtualHosts(called.port), BracketIpv6(called.host));
  if (found == nullptr) return std::nullopt;
  const ClusterKey key{.port = called.port, .subset = "", .host = HostOf(*found)};
  return BuildClientListener(class_.shape, {.name = name,
                                            .address = AddressOf(FindService(services_, key.host)),
                                            .port = called.port,
                                            .route_config = key.ToString()});
}

std::optional<xds_listener::Listener> NodeView::GrpcListener(const std::string& name,
                                                             const HostPort& called) const {
  const MeshService* service = FindCalled(called.host);
  if (service == nullptr || service->PortNumbered(called.port) == nullptr) return std::nullopt;
  const ClusterKey key{.port = called.port, .subset = "", .host = service->host};
  return BuildClientListener(class_.shape, {.name = name,
                                            .address = AddressOf(service),
                                            .port = called.port,
                                            .route_config = key.ToString()});
}

std::optional<xds_route::RouteConfiguration> NodeView::RouteConfig(const std::string& name) {
  if (class_.shape == Shape::kRouter) return RouterRouteConfig(name);
  const std::optional<ClusterKey> key = ParseClusterKey(name);
  if (!key || !key->subset.empty()) return std::nullopt;

  xds_route::RouteConfiguration config;
  config.set_name(name);
  for (const xds_route::VirtualHost& host : VirtualHosts(key->port)) {
    const bool wanted =
        class_.shape == Shape::kGrpc ? HasDomainFor(host, key->host) : HostOf(host) == key->host;
    if (wanted) *config.add_virtual_hosts() = host;
  }
  if (config.virtual_hosts().empty()) return std::nullopt;
  if (class_.shape != Shape::kGrpc) SetProxyDefaults(config);
  return config;
}

std::optional<xds_route::RouteConfiguration> NodeView::RouterRouteConfig(
    const std::string& name) const {
  const RouterScope scope{.router = class_,
                          .services = services_,
                          .virtual_services = model_->virtual_services(),
                          .rules = model_->rules()};
  for (const auto& [port, servers] : servers_) {
    if (RouterRouteName(port) == name) return BuildRouterRoutes(port, servers, scope);
  }
  return std::nullopt;
}

std::optional<NamedCluster> NodeView::FindCluster(const std::string& name) const {
  const std::optional<ClusterKey> key = ParseClusterKey(name);
  if (!key) return std::nullopt;
  const auto service = services_.find(key->host);
  if (service == services_.end()) return std::nullopt;
  NamedCluster found;
  found.service = service->second;
  found.port = found.service->PortNumbered(key->port);
  if (found.port == nullptr) return std::nullopt;
  found.rule = model_->rules().Find(class_, *found.service);
  if (key->subset.empty()) return found;
  if (found.rule == nullptr) return std::nullopt;
  for (const manifest::Subset& subset : found.rule->subsets) {
    if (subset.name == key->subset) found.subset = &subset;
  }
  if (found.subset == nullptr) return std::nullopt;
  return found;
}

std::optional<xds_cluster::Cluster> NodeView::Cluster(const std::string& name) const {
  if (name == kPassthroughCluster) return PassthroughCluster();
  if (name == kBlackHoleCluster) return BlackHoleCluster();
  const std::optional<NamedCluster> found = FindCluster(name);
  if (!found) return std::nullopt;
  return BuildCluster({.client = class_,
                       .service = *found->service,
                       .port = *found->port,
                       .rule = found->rule,
                       .subset = found->subset,
                       .files = model_->files(),
                       .trust_domains = model_->trust_domains()});
}

std::optional<xds_endpoint::ClusterLoadAssignment> NodeView::Endpoints(
    const std::string& cluster, const EndpointIndex& index) const {
  const std::optional<NamedCluster> found = FindCluster(cluster);
  if (!found) return std::nullopt;
  std::vector<MeshEndpoint> endpoints = index.Of(*found->service, *found->port);
  if (found->subset != nullptr) KeepLabelled(found->subset->labels, endpoints);
  return BuildEndpoints(cluster, endpoints,
                        PolicyOf(found->rule, found->subset, found->port->number), class_);
}

std::vector<std::string> NodeView::ListenerNames() const {
  std::vector<std::string> names;
  for (const auto& [port, servers] : servers_) names.push_back(RouterListenerName(port));
  if (class_.shape == Shape::kRouter) return names;
  for (const auto& [host, service] : services_) {
    if (IsWildcard(host)) continue;
    for (const MeshPort& port : service->ports) names.push_back(JoinHostPort(host, port.number));
  }
  return names;
}

std::vector<std::string> NodeView::ClusterNames() const {
  std::vector<std::string> names;
  for (const auto& [host, service] : services_) {
    const manifest::DestinationRule* rule = model_->rules().Find(class_, *service);
    for (const MeshPort& port : service->ports) {
      ClusterKey key{.port = port.number, .subset = "", .host = host};
      names.push_back(key.ToString());
      if (rule == nullptr) continue;
      for (const manifest::Subset& subset : rule->subsets) {
        key.subset = subset.name;
        names.push_back(key.ToString());
      }
    }
  }
  if (class_.shape == Shape::kGrpc) return names;
  names.emplace_back(kBlackHoleCluster);
  if (class_.shape == Shape::kSidecar) names.emplace_back(kPassthroughCluster);
  return names;
}

}  // namespace meshlib::translate
