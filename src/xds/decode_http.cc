// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_http.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "meshlib/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb.h"
#include "xds/decode_client_certificate.h"
#include "xds/decode_http_filters.h"
#include "xds/decode_route_config.h"
#include "xds/decode_unused.h"
#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

namespace hcm = envoy::extensions::filters::network::http_connection_manager::v3;
using resource::HttpSettings;

// What is read, and what is about telemetry, certificates forwarded in headers, Envoy's own headers
// and the protocols that Envoy speaks.
constexpr std::string_view kManagerFields[] = {"codec_type",
                                               "stat_prefix",
                                               "rds",
                                               "route_config",
                                               "scoped_routes",
                                               "http_filters",
                                               "add_user_agent",
                                               "tracing",
                                               "common_http_protocol_options",
                                               "http_protocol_options",
                                               "http2_protocol_options",
                                               "http3_protocol_options",
                                               "server_name",
                                               "server_header_transformation",
                                               "max_request_headers_kb",
                                               "stream_idle_timeout",
                                               "stream_flush_timeout",
                                               "request_timeout",
                                               "request_headers_timeout",
                                               "drain_timeout",
                                               "delayed_close_timeout",
                                               "access_log",
                                               "access_log_flush_interval",
                                               "flush_access_log_on_new_request",
                                               "access_log_options",
                                               "use_remote_address",
                                               "xff_num_trusted_hops",
                                               "internal_address_config",
                                               "skip_xff_append",
                                               "via",
                                               "generate_request_id",
                                               "preserve_external_request_id",
                                               "forward_client_cert_details",
                                               "set_current_client_cert_details",
                                               "proxy_100_continue",
                                               "upgrade_configs",
                                               "normalize_path",
                                               "merge_slashes",
                                               "path_with_escaped_slashes_action",
                                               "request_id_extension",
                                               "strip_matching_host_port",
                                               "strip_any_host_port",
                                               "strip_trailing_host_dot",
                                               "stream_error_on_invalid_http_message"};

void DecodeRoutes(const hcm::HttpConnectionManager& in, HttpSettings& out, DecodeContext& context) {
  switch (in.route_specifier_case()) {
    case hcm::HttpConnectionManager::kRds: {
      const auto scope = context.In("rds");
      out.routes = resource::RouteConfigName(in.rds().route_config_name());
      if (in.rds().route_config_name().empty()) {
        context.Error("route_config_name", "must not be empty");
      }
      const auto source = context.In("config_source");
      return RequireAds(in.rds().config_source(), context);
    }
    case hcm::HttpConnectionManager::kRouteConfig: {
      const auto scope = context.In("route_config");
      out.routes = DecodeRouteConfigMessage(in.route_config(), context);
      return;
    }
    case hcm::HttpConnectionManager::kScopedRoutes:
      out.unusable = "route: scoped routes are not supported yet";
      out.routes = std::make_shared<const resource::RouteConfig>();
      return;
    default:
      context.Error("route_specifier", "is required");
  }
}

std::optional<absl::Duration> Optional(bool present, const google::protobuf::Duration& duration,
                                       std::string_view field, DecodeContext& context) {
  if (!present) return std::nullopt;
  return DecodeDuration(duration, field, context);
}

void DecodeTimeouts(const hcm::HttpConnectionManager& in, HttpSettings& out,
                    DecodeContext& context) {
  out.stream_idle_timeout = Optional(in.has_stream_idle_timeout(), in.stream_idle_timeout(),
                                     "stream_idle_timeout", context);
  out.request_timeout =
      Optional(in.has_request_timeout(), in.request_timeout(), "request_timeout", context);
  out.request_headers_timeout =
      Optional(in.has_request_headers_timeout(), in.request_headers_timeout(),
               "request_headers_timeout", context);
  const auto& common = in.common_http_protocol_options();
  const auto scope = context.In("common_http_protocol_options");
  out.max_stream_duration = Optional(common.has_max_stream_duration(), common.max_stream_duration(),
                                     "max_stream_duration", context);
  out.idle_timeout =
      Optional(common.has_idle_timeout(), common.idle_timeout(), "idle_timeout", context);
  ReportUnused(common, {"max_stream_duration", "idle_timeout", "max_headers_count"}, context);
}

// The default is Envoy's, without its runtime settings.
resource::EscapedSlashes DecodeEscapedSlashes(const hcm::HttpConnectionManager& in,
                                              DecodeContext& context) {
  switch (in.path_with_escaped_slashes_action()) {
    case hcm::HttpConnectionManager::IMPLEMENTATION_SPECIFIC_DEFAULT:
    case hcm::HttpConnectionManager::KEEP_UNCHANGED:
      return resource::EscapedSlashes::kKeep;
    case hcm::HttpConnectionManager::REJECT_REQUEST:
      return resource::EscapedSlashes::kReject;
    case hcm::HttpConnectionManager::UNESCAPE_AND_REDIRECT:
      return resource::EscapedSlashes::kUnescapeAndRedirect;
    case hcm::HttpConnectionManager::UNESCAPE_AND_FORWARD:
      return resource::EscapedSlashes::kUnescapeAndForward;
    default:
      context.Error("path_with_escaped_slashes_action", "unknown value");
      return resource::EscapedSlashes::kReject;
  }
}

void DecodePathSettings(const hcm::HttpConnectionManager& in, HttpSettings& out,
                        DecodeContext& context) {
  out.normalize_path = in.normalize_path().value();
  out.merge_slashes = in.merge_slashes();
  out.strip_any_host_port = in.strip_any_host_port();
  out.strip_matching_host_port = in.strip_matching_host_port();
  out.strip_trailing_host_dot = in.strip_trailing_host_dot();
  out.escaped_slashes = DecodeEscapedSlashes(in, context);
}

// Rules about the client's address are only as good as the address.
void DecodeClientAddress(const hcm::HttpConnectionManager& in, HttpSettings& out) {
  out.use_remote_address = in.use_remote_address().value();
  out.xff_num_trusted_hops = in.xff_num_trusted_hops();
  if (in.original_ip_detection_extensions_size() > 0 && !out.rbac.empty()) {
    out.unusable = "security: original_ip_detection_extensions is not supported yet";
  }
}

void DecodeInternalAddresses(const hcm::HttpConnectionManager& in, HttpSettings& out,
                             DecodeContext& context) {
  const auto scope = context.In("internal_address_config");
  const auto& ranges = in.internal_address_config().cidr_ranges();
  for (int i = 0; i < ranges.size(); ++i) {
    const auto range_scope = context.In("cidr_ranges", i);
    if (auto range = DecodeCidrRange(ranges[i], context)) {
      out.internal_addresses.push_back(*std::move(range));
    }
  }
}

}  // namespace

HttpSettings DecodeHttpSettings(const google::protobuf::Any& any, DecodeContext& context) {
  hcm::HttpConnectionManager in;
  HttpSettings out;
  if (!in.ParseFromString(any.value())) {
    context.Error("the bytes are not an HttpConnectionManager");
    return out;
  }
  ReportUnused(in, kManagerFields, context);
  DecodeRoutes(in, out, context);
  DecodeHttpFilters(in, out, context);
  DecodePathSettings(in, out, context);
  DecodeTimeouts(in, out, context);
  out.client_certificate = DecodeClientCertificate(in, context);
  DecodeInternalAddresses(in, out, context);
  out.preserve_external_request_id = in.preserve_external_request_id();
  out.generate_request_id = !in.has_generate_request_id() || in.generate_request_id().value();
  DecodeClientAddress(in, out);
  return out;
}

}  // namespace meshlib::xds
