// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_listener.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "meshlib/envoy/config/listener/v3/listener.pb.h"
#include "xds/decode_chain_match.h"
#include "xds/decode_http.h"
#include "xds/decode_tls.h"
#include "xds/decode_unused.h"
#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

namespace lds = envoy::config::listener::v3;
using resource::FilterChain;
using resource::Listener;

// Network filters that change nothing of HTTP.
bool IsInertNetworkFilter(std::string_view type) {
  static constexpr std::array<std::string_view, 4> kTypes = {
      "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy", "io.istio.", "stats.PluginConfig",
      "envoy.tcp.metadataexchange."};
  return std::any_of(kTypes.begin(), kTypes.end(),
                     [&](std::string_view prefix) { return type.starts_with(prefix); });
}

// Routes of a server may change who may call, and a server here serves without looking at them.
std::optional<std::string> RefusalByRoutes(const resource::HttpSettings& http) {
  const auto* routes = std::get_if<std::shared_ptr<const resource::RouteConfig>>(&http.routes);
  if (routes == nullptr) {
    if (http.rbac.empty()) return std::nullopt;
    return "security: authorization (RBAC) with a server's routes by RDS is not supported yet";
  }
  for (const resource::VirtualHost& host : (*routes)->virtual_hosts) {
    for (const resource::Route& route : host.routes) {
      const auto* fail = std::get_if<resource::FailAction>(&route.action);
      if (fail != nullptr && fail->reason.starts_with("security: ")) return fail->reason;
    }
  }
  return std::nullopt;
}

// Returns why HTTP of this chain must not be served, if so.
std::optional<std::string> DecodeFilters(const lds::FilterChain& in, FilterChain& out,
                                         DecodeContext& context) {
  std::optional<std::string> unusable;
  for (int i = 0; i < in.filters_size(); ++i) {
    const auto scope = context.In("filters", i);
    const lds::Filter& filter = in.filters(i);
    const std::string type = ExtensionType(filter.typed_config());
    if (filter.name().empty()) context.Error("name", "must not be empty");
    if (type == kHttpConnectionManagerType) {
      const auto config = context.In("typed_config");
      out.http = DecodeHttpSettings(filter.typed_config(), context);
      if (auto refusal = RefusalByRoutes(*out.http)) unusable = std::move(refusal);
    } else if (DecidesSecurity(filter.name()) || DecidesSecurity(type)) {
      unusable = "security: network filter " + filter.name() + " is not supported yet";
    } else if (!IsInertNetworkFilter(type)) {
      context.Ignored("", "network filter " + filter.name() + " is not supported yet");
    }
  }
  return unusable;
}

FilterChain DecodeFilterChain(const lds::FilterChain& in, DecodeContext& context) {
  FilterChain out;
  out.name = in.name();
  ReportUnused(in,
               {"filter_chain_match", "filters", "metadata", "transport_socket",
                "transport_socket_connect_timeout", "name"},
               context);
  {
    const auto scope = context.In("filter_chain_match");
    DecodeChainMatch(in.filter_chain_match(), out, context);
  }
  std::optional<std::string> unusable = DecodeFilters(in, out, context);
  if (in.has_transport_socket()) {
    const auto scope = context.In("transport_socket");
    Transport transport = DecodeTransport(in.transport_socket(), TlsSide::kServer, context);
    if (auto* tls = std::get_if<resource::TlsContext>(&transport)) {
      out.tls = std::move(*tls);
    } else if (auto* unsupported = std::get_if<UnsupportedTransport>(&transport)) {
      unusable = std::move(unsupported->reason);
    }
  }
  if (unusable && out.http) out.http->unusable = std::move(unusable);
  return out;
}

void DecodeChains(const lds::Listener& in, Listener& out, DecodeContext& context) {
  for (int i = 0; i < in.filter_chains_size(); ++i) {
    const auto scope = context.In("filter_chains", i);
    out.filter_chains.push_back(DecodeFilterChain(in.filter_chains(i), context));
    if (HasUnknownConditions(in.filter_chains(i).filter_chain_match())) {
      out.unusable =
          "security: a filter chain match on more than the destination, the protocol and the "
          "server name is not supported yet";
    }
  }
  if (in.has_default_filter_chain()) {
    const auto scope = context.In("default_filter_chain");
    out.default_filter_chain = DecodeFilterChain(in.default_filter_chain(), context);
  }
  // By a matcher, chains are chosen by name.
  if (!in.has_filter_chain_matcher()) {
    CheckChainsDiffer(in, out, context);
  } else {
    out.unusable = "security: filter_chain_matcher is not supported yet";
  }
}

void DecodeApi(const lds::ApiListener& in, Listener& out, DecodeContext& context) {
  const auto scope = context.In("api_listener.api_listener");
  if (ExtensionType(in.api_listener()) != kHttpConnectionManagerType) {
    return context.Error("must be an HttpConnectionManager");
  }
  out.api = DecodeHttpSettings(in.api_listener(), context);
  // Nobody asks the caller's side whether a Call is allowed.
  const auto enforced = [](const resource::RbacFilter& filter) { return filter.rules.has_value(); };
  if (std::any_of(out.api->rbac.begin(), out.api->rbac.end(), enforced)) {
    out.api->unusable = "security: authorization (RBAC) of outgoing Calls is not supported yet";
  }
  out.unusable = out.api->unusable;
}

// Unusable as a whole when no chain's HTTP is usable.
void DecideUsable(Listener& out) {
  std::vector<const FilterChain*> chains;
  for (const FilterChain& chain : out.filter_chains) chains.push_back(&chain);
  if (out.default_filter_chain) chains.push_back(&*out.default_filter_chain);
  std::optional<std::string> reason;
  for (const FilterChain* chain : chains) {
    if (!chain->http) continue;
    if (!chain->http->unusable) return;
    if (!reason) reason = chain->http->unusable;
  }
  if (reason) out.unusable = std::move(reason);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Listener>> DecodeListener(std::string_view bytes,
                                                               resource::Report& report) {
  DecodeContext context("Listener", report);
  lds::Listener in;
  if (!ParseResource(bytes, in, context)) return context.status();
  context.set_name(in.name());
  auto out = std::make_shared<Listener>();
  out->name = resource::ListenerName(in.name());
  const resource::Origin origin = DecodeOrigin(in.metadata());
  const auto origin_scope = context.Of(origin);
  if (in.name().empty()) context.Error("name", "must not be empty");
  ReportUnused(in,
               {"name",
                "address",
                "stat_prefix",
                "filter_chains",
                "filter_chain_matcher",
                "use_original_dst",
                "default_filter_chain",
                "per_connection_buffer_limit_bytes",
                "metadata",
                "deprecated_v1",
                "drain_type",
                "listener_filters",
                "listener_filters_timeout",
                "continue_on_listener_filters_timeout",
                "socket_options",
                "tcp_fast_open_queue_length",
                "traffic_direction",
                "api_listener",
                "connection_balance_config",
                "reuse_port",
                "enable_reuse_port",
                "access_log",
                "tcp_backlog_size",
                "max_connections_to_accept_per_socket_event",
                "bind_to_port",
                "tcp_keepalive"},
               context);
  if (in.has_address()) {
    const auto scope = context.In("address");
    out->address = DecodeAddress(in.address(), context);
  }
  if (in.has_api_listener()) DecodeApi(in.api_listener(), *out, context);
  DecodeChains(in, *out, context);
  if (!in.has_api_listener()) DecideUsable(*out);
  if (context.has_errors()) return context.status();
  return out;
}

}  // namespace meshlib::xds
