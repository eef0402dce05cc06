// SPDX-License-Identifier: Apache-2.0
// The virtual hosts that a client inside the mesh sees on a port.

#ifndef MESHLIB_TRANSLATE_VIRTUAL_HOSTS_H_
#define MESHLIB_TRANSLATE_VIRTUAL_HOSTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "translate/route_builder.h"
#include "translate/virtual_service_index.h"
#include "translate/xds.h"

namespace meshlib::translate {

// By name, as istiod orders them: each of the services on the port with the routes of the
// VirtualService that has its host (exactly, else by the longest wildcard), or the default route,
// and the other hosts of those VirtualServices; on port 80, those of all VirtualServices.
// No two have a domain in common: the first in Istio's order keeps it.
// `virtual_services`: those of VirtualServiceIndex::For() that apply to the client.
std::vector<xds_route::VirtualHost> BuildVirtualHosts(
    const std::vector<const BoundVirtualService*>& virtual_services, const RouteScope& scope);

// The one that takes requests for `host`, as Envoy chooses: an exact domain, else the longest
// wildcard. Null when there is none.
const xds_route::VirtualHost* FindVirtualHost(const std::vector<xds_route::VirtualHost>& hosts,
                                              std::string_view host);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_VIRTUAL_HOSTS_H_
