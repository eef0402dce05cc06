// SPDX-License-Identifier: Apache-2.0
// Listeners, as istiod builds them for sidecars, gRPC programs and routers.

#ifndef MESHLIB_TRANSLATE_LISTENER_BUILDER_H_
#define MESHLIB_TRANSLATE_LISTENER_BUILDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "translate/mesh_service.h"
#include "translate/node_class.h"
#include "translate/policy_index.h"
#include "translate/rbac_filters.h"
#include "translate/trust_domains.h"
#include "translate/xds.h"

namespace meshlib::translate {

// Inbound Listeners of programs have this prefix before "IP:PORT".
inline constexpr char kInboundPrefix[] = "xds.istio.io/grpc/lds/inbound/";

// A client's Listener: `name` as it was asked for, and the virtual address of what is called.
struct ClientListener {
  std::string name;
  std::string address;
  uint32_t port = 0;
  std::string route_config;
};
xds_listener::Listener BuildClientListener(Shape shape, const ClientListener& input);

// A server's Listener. Its routes are in it: to the program itself.
struct ServerListener {
  std::string name;
  std::string address;  // that it binds
  uint32_t port = 0;
  const MeshService& service;         // that has it as an endpoint,
  const MeshPort& service_port;       // there
  const TrustDomains& trust_domains;  // of its clients
  MtlsMode mtls = MtlsMode::kPermissive;
  std::vector<RbacHttpFilter> rbac{};
};
xds_listener::Listener BuildServerListener(Shape shape, const ServerListener& input);

// A router's Listener for all HTTP servers of a port: "0.0.0.0_8080" with the routes "http.8080".
xds_listener::Listener BuildRouterListener(uint32_t port, const std::vector<RbacHttpFilter>& rbac);

std::string RouterListenerName(uint32_t port);
std::string RouterRouteName(uint32_t port);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_LISTENER_BUILDER_H_
