// SPDX-License-Identifier: Apache-2.0
#include "translate/route_builder.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "translate/cluster_name.h"
#include "translate/header_operations.h"
#include "translate/host_name.h"
#include "translate/route_match.h"
#include "translate/route_policies.h"

namespace meshlib::translate {
namespace {

using manifest::HttpDestination;
using manifest::HttpMatch;
using manifest::HttpRoute;

constexpr uint32_t kHttpPort = 80;
constexpr uint32_t kHttpsPort = 443;

void SetDirectResponse(const manifest::HttpDirectResponse& response,
                       xds_route::DirectResponseAction& out) {
  out.set_status(response.status);
  const std::string& body = response.body;
  const bool text = std::all_of(body.begin(), body.end(), [](unsigned char c) { return c < 0x80; });
  if (body.empty()) return;
  if (text) {
    out.mutable_body()->set_inline_string(body);
  } else {
    out.mutable_body()->set_inline_bytes(body);
  }
}

// The routes of one VirtualService for one scope.
class Builder final {
 public:
  Builder(const BoundVirtualService& virtual_service, const RouteScope& scope)
      : virtual_service_(virtual_service), scope_(scope) {}

  std::vector<xds_route::Route> Build() const;

 private:
  bool Holds(const HttpMatch& match) const;
  xds_route::Route Translate(const HttpRoute& http, const HttpMatch* match, size_t index) const;
  void SetForward(const HttpRoute& http, const std::string& authority,
                  xds_route::Route& route) const;
  void SetSingle(const HttpDestination& to, xds_route::Route& route) const;
  void SetWeighted(const HttpRoute& http, xds_route::RouteAction& action) const;
  void SetRewrite(const manifest::HttpRewrite& rewrite, xds_route::RouteAction& action) const;
  void SetRedirect(const manifest::HttpRedirect& redirect, xds_route::Route& route) const;
  void SetTimeout(std::optional<absl::Duration> timeout, xds_route::RouteAction& action) const;
  void AddMirrors(const HttpRoute& http, xds_route::RouteAction& action) const;

  std::string HostOf(const manifest::Destination& to) const;
  std::string ClusterOf(const manifest::Destination& to) const;
  const manifest::ConsistentHash* Hash(const manifest::Destination& to) const;
  std::string Operation(const xds_route::Route& route) const;

  const BoundVirtualService& virtual_service_;
  const RouteScope& scope_;
};

std::vector<xds_route::Route> Builder::Build() const {
  std::vector<xds_route::Route> routes;
  size_t index = 0;
  for (const HttpRoute& http : virtual_service_.source->http) {
    const size_t own = index++;
    if (http.delegate) continue;
    if (http.match.empty()) {
      routes.push_back(Translate(http, nullptr, own));
      return routes;
    }
    for (const HttpMatch& match : http.match) {
      if (!Holds(match)) continue;
      routes.push_back(Translate(http, &match, own));
      if (MatchesEverything(routes.back().match())) return routes;
    }
  }
  return routes;
}

// What is decided by who the client is, not by the request.
bool Builder::Holds(const HttpMatch& match) const {
  if (match.port && *match.port != scope_.port) return false;
  if (!match.gateways.empty()) {
    return std::any_of(match.gateways.begin(), match.gateways.end(), [&](const auto& gateway) {
      return GatewayName(gateway, virtual_service_.name_space()) == scope_.gateway;
    });
  }
  if (!LabelsMatch(match.source_labels, scope_.client.labels)) return false;
  return match.source_namespace.empty() || match.source_namespace == scope_.client.name_space;
}

xds_route::Route Builder::Translate(const HttpRoute& http, const HttpMatch* match,
                                    size_t index) const {
  xds_route::Route route;
  route.set_name(match != nullptr && !match->name.empty()
                     ? absl::StrCat(http.name, ".", match->name)
                     : http.name);
  TranslateMatch(match, *route.mutable_match());
  SetOrigin("virtual-service", virtual_service_.source->meta, *route.mutable_metadata());
  const std::vector<std::string>& fields = virtual_service_.fields;
  SetOriginField(fields.empty() ? absl::StrCat("http[", index, "]") : fields[index],
                 *route.mutable_metadata());
  if (match != nullptr) route.set_stat_prefix(match->stat_prefix);

  const HeaderChanges headers = TranslateHeaders(http.headers);
  AppendHeaders(headers, route);
  if (http.redirect) {
    SetRedirect(*http.redirect, route);
  } else if (http.direct_response) {
    SetDirectResponse(*http.direct_response, *route.mutable_direct_response());
  } else {
    SetForward(http, headers.authority, route);
  }
  route.mutable_decorator()->set_operation(Operation(route));
  if (http.fault && (http.fault->delay || http.fault->abort)) SetFault(*http.fault, route);
  if (http.cors_policy) SetCors(*http.cors_policy, route);
  return route;
}

void Builder::SetForward(const HttpRoute& http, const std::string& authority,
                         xds_route::Route& route) const {
  xds_route::RouteAction& action = *route.mutable_route();
  SetTimeout(http.timeout, action);
  std::string host = authority;
  if (http.rewrite) {
    SetRewrite(*http.rewrite, action);
    if (!http.rewrite->authority.empty()) host = http.rewrite->authority;
  }
  if (!host.empty()) action.set_host_rewrite_literal(host);
  AddMirrors(http, action);

  bool hashed = false;
  if (http.route.size() == 1) {
    SetSingle(http.route.front(), route);
    hashed = Hash(http.route.front().destination) != nullptr;
  } else {
    SetWeighted(http, action);
  }
  const auto retries = TranslateRetries(http.retries ? &*http.retries : nullptr, hashed);
  if (retries) *action.mutable_retry_policy() = *retries;
}

void Builder::SetSingle(const HttpDestination& to, xds_route::Route& route) const {
  xds_route::RouteAction& action = *route.mutable_route();
  action.set_cluster(ClusterOf(to.destination));
  const HeaderChanges headers = TranslateHeaders(to.headers);
  AppendHeaders(headers, route);
  // The route's own rewrite goes before the destination's, with one destination as with several.
  if (!headers.authority.empty() && !action.has_host_rewrite_literal()) {
    action.set_host_rewrite_literal(headers.authority);
  }
  if (const auto* hash = Hash(to.destination)) AddHashPolicy(*hash, action);
}

void Builder::SetWeighted(const HttpRoute& http, xds_route::RouteAction& action) const {
  for (const HttpDestination& to : http.route) {
    if (to.weight == 0) continue;
    auto& cluster = *action.mutable_weighted_clusters()->add_clusters();
    cluster.set_name(ClusterOf(to.destination));
    cluster.mutable_weight()->set_value(to.weight);
    const HeaderChanges headers = TranslateHeaders(to.headers);
    AppendHeaders(headers, cluster);
    if (!headers.authority.empty()) cluster.set_host_rewrite_literal(headers.authority);
    if (const auto* hash = Hash(to.destination)) AddHashPolicy(*hash, action);
  }
}

void Builder::SetRewrite(const manifest::HttpRewrite& rewrite,
                         xds_route::RouteAction& action) const {
  if (rewrite.uri_regex) {
    action.mutable_regex_rewrite()->mutable_pattern()->set_regex(rewrite.uri_regex->match);
    action.mutable_regex_rewrite()->set_substitution(rewrite.uri_regex->rewrite);
  } else if (!rewrite.uri.empty()) {
    action.set_prefix_rewrite(rewrite.uri);
  }
}

void Builder::SetRedirect(const manifest::HttpRedirect& redirect, xds_route::Route& route) const {
  using DerivePort = manifest::HttpRedirect::DerivePort;
  xds_route::RedirectAction& out = *route.mutable_redirect();
  out.set_host_redirect(redirect.authority);
  if (!redirect.prefix_rewrite.empty()) {
    out.set_prefix_rewrite(redirect.prefix_rewrite);
  } else if (!redirect.uri.empty()) {
    out.set_path_redirect(redirect.uri);
  }
  if (!redirect.scheme.empty()) out.set_scheme_redirect(redirect.scheme);

  uint32_t port = 0;
  if (const auto* number = std::get_if<uint32_t>(&redirect.port)) port = *number;
  if (const auto* derive = std::get_if<DerivePort>(&redirect.port)) {
    if (*derive == DerivePort::kFromRequestPort) port = scope_.port;
  }
  const std::string scheme = redirect.scheme.empty() ? "http" : redirect.scheme;
  const bool implied =
      (port == kHttpPort && scheme == "http") || (port == kHttpsPort && scheme == "https");
  out.set_port_redirect(implied ? 0 : port);

  switch (redirect.redirect_code) {
    case 302:
      out.set_response_code(xds_route::RedirectAction::FOUND);
      break;
    case 303:
      out.set_response_code(xds_route::RedirectAction::SEE_OTHER);
      break;
    case 307:
      out.set_response_code(xds_route::RedirectAction::TEMPORARY_REDIRECT);
      break;
    case 308:
      out.set_response_code(xds_route::RedirectAction::PERMANENT_REDIRECT);
      break;
    default:
      out.set_response_code(xds_route::RedirectAction::MOVED_PERMANENTLY);
  }
}

// gRPC clients read max_stream_duration, proxies timeout and max_grpc_timeout.
void SetRouteTimeout(Shape shape, absl::Duration timeout, xds_route::RouteAction& action) {
  SetDuration(timeout, *action.mutable_timeout());
  if (shape == Shape::kGrpc) {
    SetDuration(timeout, *action.mutable_max_stream_duration()->mutable_max_stream_duration());
  } else {
    SetDuration(timeout, *action.mutable_max_grpc_timeout());
  }
}

void Builder::SetTimeout(std::optional<absl::Duration> timeout,
                         xds_route::RouteAction& action) const {
  SetRouteTimeout(scope_.client.shape, timeout.value_or(absl::ZeroDuration()), action);
}

void Builder::AddMirrors(const HttpRoute& http, xds_route::RouteAction& action) const {
  constexpr double kAll = 100;
  for (const manifest::HttpMirror& mirror : http.mirrors) {
    if (mirror.percentage <= 0) continue;
    xds_route::RouteAction::RequestMirrorPolicy& policy = *action.add_request_mirror_policies();
    policy.set_cluster(ClusterOf(mirror.destination));
    auto& fraction = *policy.mutable_runtime_fraction()->mutable_default_value();
    if (mirror.percentage >= kAll) {
      fraction.set_numerator(100);
    } else {
      SetPercent(mirror.percentage, fraction);
    }
    policy.mutable_trace_sampled()->set_value(false);
  }
}

std::string Builder::HostOf(const manifest::Destination& to) const {
  return ExpandHost(to.host, virtual_service_.name_space());
}

std::string Builder::ClusterOf(const manifest::Destination& to) const {
  ClusterKey key{.port = scope_.port, .subset = to.subset, .host = HostOf(to)};
  const MeshService* service = FindService(scope_.services, key.host);
  if (service != nullptr) key.host = service->host;
  if (to.port) {
    key.port = *to.port;
  } else if (scope_.gateway != kMeshGateway && service != nullptr && service->ports.size() == 1) {
    key.port = service->ports.front().number;
  }
  return key.ToString();
}

const manifest::ConsistentHash* Builder::Hash(const manifest::Destination& to) const {
  const MeshService* service = FindService(scope_.services, HostOf(to));
  if (service == nullptr) return nullptr;
  const manifest::DestinationRule* rule = scope_.rules.Find(scope_.client, *service);
  return rule != nullptr ? HashOf(*rule, to.subset, to.port) : nullptr;
}

// How traces call it: where it leads if that is one cluster, else the VirtualService.
std::string Builder::Operation(const xds_route::Route& route) const {
  std::string path = "/*";
  const xds_route::RouteMatch& match = route.match();
  if (match.has_prefix()) path = absl::StrCat(match.prefix(), "*");
  if (match.has_path()) path = match.path();
  if (match.has_safe_regex()) path = match.safe_regex().regex();
  if (const auto key = ParseClusterKey(route.route().cluster())) {
    return absl::StrCat(key->host, ":", key->port, path);
  }
  return absl::StrCat(virtual_service_.source->meta.name, ":", scope_.port, path);
}

}  // namespace

const MeshService* FindService(const VisibleServices& services, const std::string& host) {
  if (const auto found = services.find(host); found != services.end()) return found->second;
  for (const auto& [name, service] : services) {
    const auto& aliases = service->aliases;
    if (std::find(aliases.begin(), aliases.end(), host) != aliases.end()) return service;
  }
  return nullptr;
}

std::vector<xds_route::Route> BuildRoutes(const BoundVirtualService& virtual_service,
                                          const RouteScope& scope) {
  return Builder(virtual_service, scope).Build();
}

xds_route::Route DefaultRoute(const MeshService& service, const MeshPort& port,
                              const RouteScope& scope) {
  const ClusterKey key{.port = port.number, .subset = "", .host = service.host};
  xds_route::Route route;
  route.set_name("default");
  TranslateMatch(nullptr, *route.mutable_match());
  xds_route::RouteAction& action = *route.mutable_route();
  action.set_cluster(key.ToString());
  // Istio gives this route the same time-outs on every kind of node.
  SetRouteTimeout(Shape::kSidecar, absl::ZeroDuration(), action);
  route.mutable_decorator()->set_operation(absl::StrCat(service.host, ":", port.number, "/*"));
  if (!MayCarryHttp(port.protocol)) return route;  // opaque to a proxy: not to be retried

  *action.mutable_retry_policy() = *TranslateRetries(nullptr, false);
  if (const manifest::DestinationRule* rule = scope.rules.Find(scope.client, service)) {
    if (const auto* hash = HashOf(*rule, "", port.number)) AddHashPolicy(*hash, action);
  }
  return route;
}

void SetProxyDefaults(xds_route::RouteConfiguration& config) {
  constexpr uint32_t kMaxDirectResponseBody = 1024 * 1024;
  config.mutable_validate_clusters()->set_value(false);
  config.mutable_max_direct_response_body_size_bytes()->set_value(kMaxDirectResponseBody);
  config.set_ignore_port_in_host_matching(true);
}

}  // namespace meshlib::translate
