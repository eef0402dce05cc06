// SPDX-License-Identifier: Apache-2.0
#include "translate/listener_builder.h"

#include "absl/strings/str_cat.h"
#include "meshlib/envoy/extensions/filters/http/cors/v3/cors.pb.h"
#include "meshlib/envoy/extensions/filters/http/fault/v3/fault.pb.h"
#include "meshlib/envoy/extensions/filters/http/router/v3/router.pb.h"
#include "meshlib/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb.h"
#include "proto/any.h"
#include "translate/inbound_tls.h"

namespace meshlib::translate {
namespace {

namespace xds_cors = ::meshlib::envoy::extensions::filters::http::cors::v3;
namespace xds_fault = ::meshlib::envoy::extensions::filters::http::fault::v3;
namespace xds_hcm = ::meshlib::envoy::extensions::filters::network::http_connection_manager::v3;
namespace xds_router = ::meshlib::envoy::extensions::filters::http::router::v3;

using xds_hcm::HttpConnectionManager;

constexpr char kAnyAddress[] = "0.0.0.0";
constexpr char kHcmFilter[] = "envoy.filters.network.http_connection_manager";
// The protocols by which the clients of Istio's mutual TLS are known.
constexpr const char* kIstioProtocols[] = {"istio", "istio-peer-exchange", "istio-http/1.0",
                                           "istio-http/1.1", "istio-h2"};
constexpr absl::Duration kTlsHandshakeTimeout = absl::Seconds(15);

template <typename Config>
void AddFilter(const char* name, const Config& config, HttpConnectionManager& manager) {
  xds_hcm::HttpFilter& filter = *manager.add_http_filters();
  filter.set_name(name);
  *filter.mutable_typed_config() = proto::PackAny(config);
}

void AddFault(HttpConnectionManager& manager) {
  AddFilter("envoy.filters.http.fault", xds_fault::HTTPFault(), manager);
}

void AddCors(HttpConnectionManager& manager) {
  AddFilter("envoy.filters.http.cors", xds_cors::Cors(), manager);
}

void AddRouter(HttpConnectionManager& manager) {
  AddFilter("envoy.filters.http.router", xds_router::Router(), manager);
}

void SetRds(bool istio_client, const std::string& route_config, HttpConnectionManager& manager) {
  SetAdsSource(istio_client, *manager.mutable_rds()->mutable_config_source());
  manager.mutable_rds()->set_route_config_name(route_config);
}

// What Istio sets on every proxy's HTTP connections.
void SetIstioDefaults(HttpConnectionManager& manager,
                      const std::vector<RbacHttpFilter>& rbac = {}) {
  for (const RbacHttpFilter& filter : rbac) *manager.add_http_filters() = filter;
  AddFault(manager);
  AddCors(manager);
  AddRouter(manager);
  manager.mutable_stream_idle_timeout();
  manager.mutable_use_remote_address()->set_value(false);
  manager.set_proxy_100_continue(true);
  manager.add_upgrade_configs()->set_upgrade_type("websocket");
  manager.mutable_normalize_path()->set_value(true);
  manager.set_path_with_escaped_slashes_action(HttpConnectionManager::KEEP_UNCHANGED);
}

// What a proxy that accepts connections from others tells of them.
void SetServerDefaults(HttpConnectionManager& manager) {
  manager.set_server_name("istio-envoy");
  auto& details = *manager.mutable_set_current_client_cert_details();
  details.mutable_subject()->set_value(true);
  details.set_dns(true);
  details.set_uri(true);
}

// "inbound": everything to the program itself.
void SetOwnRoutes(const std::string& name, const std::string& virtual_host,
                  HttpConnectionManager& manager) {
  xds_route::RouteConfiguration& routes = *manager.mutable_route_config();
  routes.set_name(name);
  xds_route::VirtualHost& host = *routes.add_virtual_hosts();
  host.set_name(virtual_host);
  host.add_domains("*");
  xds_route::Route& route = *host.add_routes();
  route.mutable_match()->set_prefix("/");
  route.mutable_non_forwarding_action();
}

xds_listener::FilterChain& AddChain(const std::string& chain_name, const std::string& filter_name,
                                    const HttpConnectionManager& manager,
                                    xds_listener::Listener& listener) {
  xds_listener::FilterChain& chain = *listener.add_filter_chains();
  chain.set_name(chain_name);
  xds_listener::Filter& filter = *chain.add_filters();
  filter.set_name(filter_name);
  *filter.mutable_typed_config() = proto::PackAny(manager);
  return chain;
}

// gRPC has no chain for both: Istio's clients use TLS with a server that is labelled for it.
xds_listener::Listener& AddGrpcChain(const ServerListener& input, xds_listener::Listener& out) {
  HttpConnectionManager manager;
  SetOwnRoutes("inbound", "", manager);
  for (const RbacHttpFilter& filter : input.rbac) *manager.add_http_filters() = filter;
  AddRouter(manager);
  if (input.mtls != MtlsMode::kStrict) {
    AddChain("inbound-plaintext", "inbound-hcmplaintext", manager, out);
    return out;
  }
  auto& chain = AddChain("inbound-mtls", "inbound-hcmmtls", manager, out);
  *chain.mutable_transport_socket() = GrpcServerSocket();
  return out;
}

// Istio's clients are known by the protocols that they offer; what else uses TLS brings its own to
// the program, which has none.
void AddSidecarChains(const ServerListener& input, const HttpConnectionManager& manager,
                      xds_listener::Listener& listener) {
  if (input.mtls != MtlsMode::kDisable) {
    auto& chain = AddChain("inbound-mtls", kHcmFilter, manager, listener);
    chain.mutable_filter_chain_match()->set_transport_protocol("tls");
    *chain.mutable_transport_socket() = SidecarServerSocket(input.trust_domains);
    if (input.mtls == MtlsMode::kStrict) return;
    for (const char* protocol : kIstioProtocols) {
      chain.mutable_filter_chain_match()->add_application_protocols(protocol);
    }
  }
  auto& chain = AddChain("inbound-plaintext", kHcmFilter, manager, listener);
  chain.mutable_filter_chain_match()->set_transport_protocol("raw_buffer");
}

}  // namespace

std::string RouterListenerName(uint32_t port) { return absl::StrCat(kAnyAddress, "_", port); }
std::string RouterRouteName(uint32_t port) { return absl::StrCat("http.", port); }

xds_listener::Listener BuildClientListener(Shape shape, const ClientListener& input) {
  HttpConnectionManager manager;
  if (shape == Shape::kGrpc) {
    AddFault(manager);
    AddRouter(manager);
  } else {
    manager.set_stat_prefix(absl::StrCat("outbound_", kAnyAddress, "_", input.port, ";"));
    SetIstioDefaults(manager);
  }
  SetRds(shape != Shape::kGrpc, input.route_config, manager);

  xds_listener::Listener listener;
  listener.set_name(input.name);
  SetSocketAddress(input.address.empty() ? kAnyAddress : input.address, input.port,
                   *listener.mutable_address());
  *listener.mutable_api_listener()->mutable_api_listener() = proto::PackAny(manager);
  return listener;
}

xds_listener::Listener BuildServerListener(Shape shape, const ServerListener& input) {
  xds_listener::Listener listener;
  listener.set_name(input.name);
  SetSocketAddress(input.address, input.port, *listener.mutable_address());

  if (shape == Shape::kGrpc) return AddGrpcChain(input, listener);
  HttpConnectionManager manager;
  manager.set_stat_prefix(absl::StrCat("inbound_", kAnyAddress, "_", input.port, ";"));
  SetIstioDefaults(manager, input.rbac);
  SetServerDefaults(manager);
  manager.set_forward_client_cert_details(HttpConnectionManager::APPEND_FORWARD);
  SetOwnRoutes(absl::StrCat("inbound|", input.port, "||"),
               absl::StrCat("inbound|http|", input.service_port.number), manager);
  AddSidecarChains(input, manager, listener);
  listener.set_traffic_direction(xds_core::INBOUND);
  return listener;
}

xds_listener::Listener BuildRouterListener(uint32_t port, const std::vector<RbacHttpFilter>& rbac) {
  HttpConnectionManager manager;
  manager.set_stat_prefix(absl::StrCat("outbound_", RouterListenerName(port), ";"));
  SetIstioDefaults(manager, rbac);
  SetServerDefaults(manager);
  SetRds(true, RouterRouteName(port), manager);
  manager.mutable_http_protocol_options();
  manager.mutable_use_remote_address()->set_value(true);
  manager.set_forward_client_cert_details(HttpConnectionManager::SANITIZE_SET);
  manager.mutable_set_current_client_cert_details()->set_cert(true);

  xds_listener::Listener listener;
  listener.set_name(RouterListenerName(port));
  SetSocketAddress(kAnyAddress, port, *listener.mutable_address());
  AddChain("", kHcmFilter, manager, listener);
  SetDuration(kTlsHandshakeTimeout,
              *listener.mutable_filter_chains(0)->mutable_transport_socket_connect_timeout());
  listener.set_traffic_direction(xds_core::OUTBOUND);
  listener.mutable_max_connections_to_accept_per_socket_event()->set_value(1);
  return listener;
}

}  // namespace meshlib::translate
