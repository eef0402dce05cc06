// SPDX-License-Identifier: Apache-2.0
// The ingress side of Gateways: which ports a router opens, and what it routes there.

#ifndef MESHLIB_TRANSLATE_GATEWAY_ROUTES_H_
#define MESHLIB_TRANSLATE_GATEWAY_ROUTES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "manifest/manifest.h"
#include "translate/destination_rule_index.h"
#include "translate/service_index.h"
#include "translate/virtual_service_index.h"
#include "translate/xds.h"

namespace meshlib::translate {

// An HTTP server of a Gateway. Points into the Manifest. A value.
struct RouterServer {
  const manifest::Gateway* gateway = nullptr;
  const manifest::GatewayServer* server = nullptr;
};

// The plaintext HTTP servers, in the order of the Gateways' age, by the port that the router
// listens on: the one to which a Service that selects the router leads the server's port, else the
// server's own.
using RouterServers = std::map<uint32_t, std::vector<RouterServer>>;
RouterServers ServersOf(const NodeClass& router, const manifest::Manifest& manifest,
                        const ServiceIndex& services);

// Whether it can be served: HTTP without TLS.
bool IsPlainHttp(const manifest::GatewayServer& server);

// Borrows what it refers to. A value.
struct RouterScope {
  const NodeClass& router;
  const VisibleServices& services;
  const VirtualServiceIndex& virtual_services;
  const DestinationRuleIndex& rules;
};

// The routes of one listening port: a virtual host "host:port" for each host that a server and a
// VirtualService bound to it have in common; where there is none, one that answers 404.
xds_route::RouteConfiguration BuildRouterRoutes(uint32_t listen_port,
                                                const std::vector<RouterServer>& servers,
                                                const RouterScope& scope);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_GATEWAY_ROUTES_H_
