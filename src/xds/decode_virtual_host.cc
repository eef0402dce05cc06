// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_virtual_host.h"

#include <optional>
#include <string>
#include <utility>

#include "xds/decode_filter_override.h"
#include "xds/decode_header_mutation.h"
#include "xds/decode_retry_policy.h"
#include "xds/decode_route_action.h"
#include "xds/decode_route_match.h"
#include "xds/decode_unused.h"
#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

namespace route = envoy::config::route::v3;

// nullopt: the route takes no request.
std::optional<resource::Route> DecodeRoute(const route::Route& in, DecodeContext& context) {
  resource::Route out;
  out.name = in.name();
  out.origin = DecodeOrigin(in.metadata());
  const auto origin = context.Of(out.origin);
  ReportUnused(in,
               {"name", "match", "route", "redirect", "direct_response", "filter_action",
                "non_forwarding_action", "metadata", "decorator", "typed_per_filter_config",
                "request_headers_to_add", "request_headers_to_remove", "response_headers_to_add",
                "response_headers_to_remove", "tracing", "stat_prefix"},
               context);
  std::optional<resource::RouteMatch> match;
  if (in.has_match()) {
    const auto scope = context.In("match");
    match = DecodeRouteMatch(in.match(), context);
  } else {
    context.Error("match", "is required");
  }
  out.action = DecodeRouteAction(in, context);
  out.request_headers = DecodeHeaderMutations(
      in.request_headers_to_add(), in.request_headers_to_remove(), "request_headers", context);
  out.response_headers = DecodeHeaderMutations(
      in.response_headers_to_add(), in.response_headers_to_remove(), "response_headers", context);
  FilterOverrides overrides = DecodeFilterOverrides(in.typed_per_filter_config(), context);
  out.fault = std::move(overrides.fault);
  if (overrides.unusable) out.action = resource::FailAction{*std::move(overrides.unusable)};
  if (!match) return std::nullopt;
  out.match = *std::move(match);
  return out;
}

// require_tls: what came without TLS is sent to https, whatever the routes say.
resource::Route RedirectToHttps() {
  resource::Route out;
  out.name = "require_tls";
  out.match.headers.push_back(
      {.name = ":scheme",
       .match = resource::StringMatcher{.kind = resource::StringMatcher::Kind::kExact,
                                        .value = "http"}});
  out.action = resource::RedirectAction{.https_redirect = true};
  return out;
}

void DecodeRequireTls(const route::VirtualHost& in, resource::VirtualHost& out,
                      DecodeContext& context) {
  switch (in.require_tls()) {
    case route::VirtualHost::NONE:
      return;
    case route::VirtualHost::ALL:
      out.routes.push_back(RedirectToHttps());
      return;
    case route::VirtualHost::EXTERNAL_ONLY:
      context.Approximated("require_tls", "EXTERNAL_ONLY is taken for ALL");
      out.routes.push_back(RedirectToHttps());
      return;
    default:
      context.Error("require_tls", "unknown value");
  }
}

void DecodeRoutes(const route::VirtualHost& in, resource::VirtualHost& out,
                  DecodeContext& context) {
  DecodeRequireTls(in, out, context);
  out.routes.reserve(static_cast<size_t>(in.routes_size()) + out.routes.size());
  for (int i = 0; i < in.routes_size(); ++i) {
    const auto scope = context.In("routes", i);
    if (auto decoded = DecodeRoute(in.routes(i), context))
      out.routes.push_back(*std::move(decoded));
  }
}

void DecodeDomains(const route::VirtualHost& in, resource::VirtualHost& out,
                   DecodeContext& context) {
  if (in.domains_size() == 0) context.Error("domains", "must not be empty");
  for (int i = 0; i < in.domains_size(); ++i) {
    const auto scope = context.In("domains", i);
    RequireHeaderText(in.domains(i), "", context);
    out.domains.push_back(in.domains(i));
  }
}

}  // namespace

resource::VirtualHost DecodeVirtualHost(const route::VirtualHost& in, DecodeContext& context) {
  ReportUnused(
      in,
      {"name", "domains", "routes", "require_tls", "virtual_clusters", "request_headers_to_add",
       "request_headers_to_remove", "response_headers_to_add", "response_headers_to_remove",
       "typed_per_filter_config", "include_request_attempt_count",
       "include_attempt_count_in_response", "retry_policy", "metadata"},
      context);
  resource::VirtualHost out;
  out.name = in.name();
  DecodeDomains(in, out, context);
  DecodeRoutes(in, out, context);
  if (in.has_retry_policy()) {
    const auto scope = context.In("retry_policy");
    out.retry_policy = DecodeRetryPolicy(in.retry_policy(), context);
  }
  out.request_headers = DecodeHeaderMutations(
      in.request_headers_to_add(), in.request_headers_to_remove(), "request_headers", context);
  out.response_headers = DecodeHeaderMutations(
      in.response_headers_to_add(), in.response_headers_to_remove(), "response_headers", context);
  out.include_request_attempt_count = in.include_request_attempt_count();
  out.include_attempt_count_in_response = in.include_attempt_count_in_response();
  FilterOverrides overrides = DecodeFilterOverrides(in.typed_per_filter_config(), context);
  out.fault = std::move(overrides.fault);
  if (overrides.unusable) {
    for (resource::Route& entry : out.routes) {
      entry.action = resource::FailAction{*overrides.unusable};
    }
  }
  return out;
}

}  // namespace meshlib::xds
