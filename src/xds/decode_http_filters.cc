// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_http_filters.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "meshlib/envoy/extensions/filters/http/router/v3/router.pb.h"
#include "xds/decode_fault.h"
#include "xds/decode_rbac.h"
#include "xds/decode_unused.h"
#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

namespace hcm = envoy::extensions::filters::network::http_connection_manager::v3;

constexpr std::string_view kRouterFilterType = "envoy.extensions.filters.http.router.v3.Router";

// Filters that istiod puts everywhere and that change nothing of a Call: telemetry, the choice of
// ALPN (ours is made with TLS), and cors, which does nothing without a policy on a route.
bool IsInert(std::string_view type) {
  static constexpr std::array<std::string_view, 8> kPrefixes = {
      "envoy.extensions.filters.http.cors.",
      "envoy.extensions.filters.http.grpc_stats.",
      "envoy.extensions.filters.http.grpc_web.",
      "io.istio.",
      "istio.envoy.config.filter.http.alpn.",
      "istio.",
      "stats.PluginConfig",
      "envoy.extensions.filters.http.set_filter_state.",
  };
  return std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [&](std::string_view prefix) { return type.starts_with(prefix); });
}

void DecodeRouter(const google::protobuf::Any& any, resource::HttpSettings& out,
                  DecodeContext& context) {
  envoy::extensions::filters::http::router::v3::Router in;
  if (!in.ParseFromString(any.value())) return context.Error("the bytes are not a Router");
  ReportUnused(in,
               {"dynamic_stats", "start_child_span", "upstream_log", "upstream_log_options",
                "suppress_envoy_headers", "suppress_grpc_request_failure_code_stats"},
               context);
  out.suppress_envoy_headers = in.suppress_envoy_headers();
}

// A filter that is disabled has no rules of its own, and is known: a route could enable it.
void DecodeAuthorization(const hcm::HttpFilter& in, resource::HttpSettings& out,
                         DecodeContext& context) {
  std::optional<resource::RbacFilter> filter;
  {
    const auto scope = context.In("typed_config");
    filter = DecodeRbac(in.typed_config(), context);
  }
  if (!filter) return;
  if (in.disabled()) filter.emplace();
  filter->name = in.name();
  out.rbac.push_back(*std::move(filter));
}

void DecodeFilter(const hcm::HttpFilter& in, resource::HttpSettings& out, DecodeContext& context) {
  const std::string type = ExtensionType(in.typed_config());
  if (in.name().empty()) context.Error("name", "must not be empty");
  if (type == kRbacFilterType) return DecodeAuthorization(in, out, context);
  if (DecidesSecurity(in.name()) || DecidesSecurity(type)) {
    out.unusable = "security: filter " + in.name() + " is not supported yet";
  } else if (in.has_config_discovery()) {
    out.unusable = "security: filter " + in.name() + " comes by discovery: not supported yet";
  } else if (type == kRouterFilterType) {
    DecodeRouter(in.typed_config(), out, context);
  } else if (type == kFaultFilterType) {
    out.has_fault_filter = true;
    if (!in.disabled()) out.fault = DecodeFault(in.typed_config(), context);
  } else if (!in.disabled() && !IsInert(type)) {
    context.Ignored("", "filter " + in.name() + " is not supported yet");
  }
}

}  // namespace

void DecodeHttpFilters(const hcm::HttpConnectionManager& in, resource::HttpSettings& out,
                       DecodeContext& context) {
  for (int i = 0; i < in.http_filters_size(); ++i) {
    const auto scope = context.In("http_filters", i);
    DecodeFilter(in.http_filters(i), out, context);
  }
  const int last = in.http_filters_size() - 1;
  if (last >= 0 && ExtensionType(in.http_filters(last).typed_config()) != kRouterFilterType) {
    context.Error("http_filters", "the last filter must be the router");
  }
}

}  // namespace meshlib::xds
