// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_route_config.h"

#include <string>
#include <utility>
#include <variant>

#include "route/validate.h"
#include "xds/decode_filter_override.h"
#include "xds/decode_header_mutation.h"
#include "xds/decode_unused.h"
#include "xds/decode_value.h"
#include "xds/decode_virtual_host.h"

namespace meshlib::xds {
namespace {

namespace proto_route = envoy::config::route::v3;

constexpr size_t kMaxBody = 4096;  // Envoy's default

void DecodeLevelOverrides(const proto_route::RouteConfiguration& in, resource::RouteConfig& out,
                          DecodeContext& context) {
  const FilterOverrides overrides = DecodeFilterOverrides(in.typed_per_filter_config(), context);
  for (resource::VirtualHost& host : out.virtual_hosts) {
    // The more specific level wins.
    if (overrides.fault && !host.fault) host.fault = overrides.fault;
    if (!overrides.unusable) continue;
    for (resource::Route& entry : host.routes) {
      entry.action = resource::FailAction{*overrides.unusable};
    }
  }
}

// As Envoy. Inline configurations of Listeners get by without: istiod sends such to gRPC servers.
void RequireVirtualHostNames(const proto_route::RouteConfiguration& in, DecodeContext& context) {
  for (int i = 0; i < in.virtual_hosts_size(); ++i) {
    if (!in.virtual_hosts(i).name().empty()) continue;
    const auto scope = context.In("virtual_hosts", i);
    context.Error("name", "must not be empty");
  }
}

// Direct responses: at most max_direct_response_body_size_bytes.
void CheckBodies(const proto_route::RouteConfiguration& in, const resource::RouteConfig& out,
                 DecodeContext& context) {
  const size_t limit = in.has_max_direct_response_body_size_bytes()
                           ? in.max_direct_response_body_size_bytes().value()
                           : kMaxBody;
  for (size_t h = 0; h < out.virtual_hosts.size(); ++h) {
    for (const resource::Route& entry : out.virtual_hosts[h].routes) {
      const auto* direct = std::get_if<resource::DirectResponse>(&entry.action);
      if (direct == nullptr || direct->body.size() <= limit) continue;
      const auto scope = context.In("virtual_hosts", static_cast<int>(h));
      context.Error("the body of direct_response of route \"" + entry.name + "\" has more than " +
                    std::to_string(limit) + " bytes");
    }
  }
}

}  // namespace

std::shared_ptr<const resource::RouteConfig> DecodeRouteConfigMessage(
    const proto_route::RouteConfiguration& in, DecodeContext& context) {
  ReportUnused(in,
               {"name", "virtual_hosts", "internal_only_headers", "response_headers_to_add",
                "response_headers_to_remove", "request_headers_to_add", "request_headers_to_remove",
                "most_specific_header_mutations_wins", "validate_clusters",
                "max_direct_response_body_size_bytes", "ignore_port_in_host_matching",
                "typed_per_filter_config", "metadata"},
               context);
  auto out = std::make_shared<resource::RouteConfig>();
  out->name = resource::RouteConfigName(in.name());
  for (int i = 0; i < in.virtual_hosts_size(); ++i) {
    const auto scope = context.In("virtual_hosts", i);
    out->virtual_hosts.push_back(DecodeVirtualHost(in.virtual_hosts(i), context));
  }
  out->request_headers = DecodeHeaderMutations(
      in.request_headers_to_add(), in.request_headers_to_remove(), "request_headers", context);
  out->response_headers = DecodeHeaderMutations(
      in.response_headers_to_add(), in.response_headers_to_remove(), "response_headers", context);
  for (const std::string& name : in.internal_only_headers()) {
    RequireHeaderText(name, "internal_only_headers", context);
    out->internal_only_headers.push_back(LowerCase(name));
  }
  out->ignore_port_in_host_matching = in.ignore_port_in_host_matching();
  out->most_specific_header_mutations_wins = in.most_specific_header_mutations_wins();
  CheckBodies(in, *out, context);
  DecodeLevelOverrides(in, *out, context);
  if (context.has_errors()) return out;
  for (const route::ValidationError& error : route::Validate(*out)) {
    context.Error(error.field, error.message);
  }
  return out;
}

absl::StatusOr<std::shared_ptr<const resource::RouteConfig>> DecodeRouteConfig(
    std::string_view bytes, resource::Report& report) {
  DecodeContext context("RouteConfig", report);
  proto_route::RouteConfiguration in;
  if (!ParseResource(bytes, in, context)) return context.status();
  context.set_name(in.name());
  RequireVirtualHostNames(in, context);
  auto out = DecodeRouteConfigMessage(in, context);
  if (context.has_errors()) return context.status();
  return out;
}

}  // namespace meshlib::xds
