// SPDX-License-Identifier: Apache-2.0
#include "translate/gateway_routes.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "translate/endpoint_index.h"
#include "translate/host_name.h"
#include "translate/listener_builder.h"
#include "translate/route_builder.h"
#include "translate/route_match.h"

namespace meshlib::translate {
namespace {

// The server's hosts for VirtualServices of a namespace: "ns/host" is for those of "ns" only.
std::vector<std::string> HostsFor(const RouterServer& server, const std::string& name_space) {
  std::vector<std::string> hosts;
  for (const std::string& given : server.server->hosts) {
    const size_t slash = given.find('/');
    std::string host = given;
    if (slash != std::string::npos) {
      std::string from = given.substr(0, slash);
      if (from == ".") from = server.gateway->meta.name_space;
      if (from != "*" && from != name_space) continue;
      host = given.substr(slash + 1);
    }
    hosts.push_back(absl::AsciiStrToLower(host));
  }
  return hosts;
}

// Catch-all routes go to the end, so that no VirtualService hides those merged after it.
void CatchAllLast(xds_route::VirtualHost& host) {
  std::stable_partition(
      host.mutable_routes()->begin(), host.mutable_routes()->end(),
      [](const xds_route::Route& route) { return !MatchesEverything(route.match()); });
}

void AddRoutes(const RouterServer& server, const RouterScope& scope,
               std::map<std::string, xds_route::VirtualHost>& hosts) {
  const manifest::ObjectMeta& meta = server.gateway->meta;
  const RouteScope routes_scope{.client = scope.router,
                                .services = scope.services,
                                .rules = scope.rules,
                                .gateway = absl::StrCat(meta.name_space, "/", meta.name),
                                .port = server.server->port};
  const auto bound_here = scope.virtual_services.For(scope.router.name_space, routes_scope.gateway);
  for (const BoundVirtualService* bound : bound_here) {
    const std::vector<std::string> common =
        IntersectHosts(HostsFor(server, bound->name_space()), bound->hosts);
    if (common.empty()) continue;
    const std::vector<xds_route::Route> routes = BuildRoutes(*bound, routes_scope);
    if (routes.empty()) continue;
    for (const std::string& name : common) {
      xds_route::VirtualHost& host = hosts[name];
      if (host.name().empty()) {
        host.set_name(JoinHostPort(name, server.server->port));
        host.add_domains(name);
        host.set_include_request_attempt_count(true);
      }
      for (const xds_route::Route& route : routes) *host.add_routes() = route;
    }
  }
}

void RequireTls(const RouterServer& server, std::map<std::string, xds_route::VirtualHost>& hosts) {
  for (const std::string& name : HostsFor(server, server.gateway->meta.name_space)) {
    xds_route::VirtualHost& host = hosts[name];
    if (host.name().empty()) {
      host.set_name(JoinHostPort(name, server.server->port));
      host.add_domains(name);
      host.set_include_request_attempt_count(true);
    }
    host.set_require_tls(xds_route::VirtualHost::ALL);
  }
}

bool IsForRouter(const manifest::Gateway& gateway, const NodeClass& router) {
  return LabelsMatch(gateway.selector, router.labels);
}

uint32_t ListenPort(const NodeClass& router, uint32_t server_port,
                    const manifest::Manifest& manifest, const ServiceIndex& services) {
  for (const MeshService& service : services.services()) {
    if (!service.kubernetes || !service.selector || service.name_space != router.name_space ||
        !LabelsMatch(*service.selector, router.labels)) {
      continue;
    }
    if (const MeshPort* port = service.PortNumbered(server_port)) {
      return TargetNumbers(manifest, service, *port, router.labels).front();
    }
  }
  return server_port;
}

}  // namespace

bool IsPlainHttp(const manifest::GatewayServer& server) {
  const bool redirects_only = server.tls && server.tls->https_redirect && !server.tls->mode;
  return IsHttp(IstioPortProtocol(server.protocol)) && (!server.tls || redirects_only);
}

RouterServers ServersOf(const NodeClass& router, const manifest::Manifest& manifest,
                        const ServiceIndex& services) {
  std::vector<const manifest::Gateway*> gateways;
  for (const manifest::Gateway& gateway : manifest.gateways) {
    if (IsForRouter(gateway, router)) gateways.push_back(&gateway);
  }
  std::stable_sort(gateways.begin(), gateways.end(), [](const auto* a, const auto* b) {
    return manifest::IsOlder(a->meta, b->meta);
  });
  RouterServers result;
  for (const manifest::Gateway* gateway : gateways) {
    for (const manifest::GatewayServer& server : gateway->servers) {
      if (!IsPlainHttp(server)) continue;
      result[ListenPort(router, server.port, manifest, services)].push_back({gateway, &server});
    }
  }
  return result;
}

xds_route::RouteConfiguration BuildRouterRoutes(uint32_t listen_port,
                                                const std::vector<RouterServer>& servers,
                                                const RouterScope& scope) {
  xds_route::RouteConfiguration config;
  config.set_name(RouterRouteName(listen_port));
  std::map<std::string, xds_route::VirtualHost> hosts;
  for (const RouterServer& server : servers) {
    AddRoutes(server, scope, hosts);
    if (server.server->tls && server.server->tls->https_redirect) RequireTls(server, hosts);
  }
  std::vector<xds_route::VirtualHost> sorted;
  for (auto& [name, host] : hosts) {
    CatchAllLast(host);
    sorted.push_back(std::move(host));
  }
  if (sorted.empty() && !servers.empty()) {
    xds_route::VirtualHost& none = sorted.emplace_back();
    none.set_name(JoinHostPort("blackhole", servers.front().server->port));
    none.add_domains("*");
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.name() < b.name(); });
  for (xds_route::VirtualHost& host : sorted) *config.add_virtual_hosts() = std::move(host);
  SetProxyDefaults(config);
  return config;
}

}  // namespace meshlib::translate
