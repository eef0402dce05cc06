// SPDX-License-Identifier: Apache-2.0
// RouteBuilder: the HTTP routes of a VirtualService, as xDS.

#ifndef MESHLIB_TRANSLATE_ROUTE_BUILDER_H_
#define MESHLIB_TRANSLATE_ROUTE_BUILDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "translate/destination_rule_index.h"
#include "translate/node_class.h"
#include "translate/service_index.h"
#include "translate/virtual_service_index.h"
#include "translate/xds.h"

namespace meshlib::translate {

// For whom and where routes are made. Borrows what it refers to. A value.
struct RouteScope {
  const NodeClass& client;
  const VisibleServices& services;
  const DestinationRuleIndex& rules;
  std::string gateway;  // "mesh", or the Gateway's "namespace/name"
  uint32_t port = 0;    // that the client calls, or the Gateway's server has
};

// The service of that host, also by the name of an alias. Null where there is none.
const MeshService* FindService(const VisibleServices& services, const std::string& host);

// Those of its routes that hold for the scope: first match, in order; what cannot be reached is
// left out. Empty when none holds.
std::vector<xds_route::Route> BuildRoutes(const BoundVirtualService& virtual_service,
                                          const RouteScope& scope);

// The route of a host that no VirtualService mentions.
xds_route::Route DefaultRoute(const MeshService& service, const MeshPort& port,
                              const RouteScope& scope);

// What istiod sets on the RouteConfigs of proxies: ports in the authority are passed over.
void SetProxyDefaults(xds_route::RouteConfiguration& config);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_ROUTE_BUILDER_H_
