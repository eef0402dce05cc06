// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_forward_action.h"

#include <optional>
#include <string>
#include <utility>

#include "xds/decode_filter_override.h"
#include "xds/decode_header_mutation.h"
#include "xds/decode_matcher.h"
#include "xds/decode_retry_policy.h"
#include "xds/decode_unused.h"
#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

namespace route = envoy::config::route::v3;
using resource::ClusterHeader;
using resource::ClusterName;
using resource::FailAction;
using resource::ForwardAction;

using ClusterChoice = std::variant<ClusterName, resource::WeightedClusters, ClusterHeader>;

// What is read, and what has no effect on Calls: the gRPC time-outs apply to requests with
// grpc-timeout, the rest tunes what Envoy does with early data and buffers.
constexpr std::string_view kActionFields[] = {"cluster",
                                              "cluster_header",
                                              "weighted_clusters",
                                              "cluster_specifier_plugin",
                                              "inline_cluster_specifier_plugin",
                                              "cluster_not_found_response_code",
                                              "prefix_rewrite",
                                              "regex_rewrite",
                                              "host_rewrite_literal",
                                              "auto_host_rewrite",
                                              "host_rewrite_header",
                                              "host_rewrite_path_regex",
                                              "append_x_forwarded_host",
                                              "timeout",
                                              "idle_timeout",
                                              "flush_timeout",
                                              "early_data_policy",
                                              "retry_policy",
                                              "hash_policy",
                                              "max_grpc_timeout",
                                              "grpc_timeout_offset",
                                              "max_stream_duration"};

resource::WeightedCluster DecodeClusterWeight(const route::WeightedCluster::ClusterWeight& in,
                                              std::optional<std::string>& unusable,
                                              DecodeContext& context) {
  ReportUnused(in,
               {"name", "cluster_header", "weight", "request_headers_to_add",
                "request_headers_to_remove", "response_headers_to_add",
                "response_headers_to_remove", "typed_per_filter_config", "host_rewrite_literal"},
               context);
  if (in.name().empty() == in.cluster_header().empty()) {
    context.Error("name", "exactly one of name and cluster_header is required");
  }
  if (!in.cluster_header().empty()) {
    unusable = "route: cluster_header of weighted clusters is not supported yet";
  }
  if (!in.has_weight()) context.Error("weight", "is required");
  resource::WeightedCluster out{.name = ClusterName(in.name()), .weight = in.weight().value()};
  out.request_headers = DecodeHeaderMutations(
      in.request_headers_to_add(), in.request_headers_to_remove(), "request_headers", context);
  out.response_headers = DecodeHeaderMutations(
      in.response_headers_to_add(), in.response_headers_to_remove(), "response_headers", context);
  if (in.has_host_rewrite_literal()) {
    RequireHeaderText(in.host_rewrite_literal(), "host_rewrite_literal", context);
    out.host_rewrite_literal = in.host_rewrite_literal();
  }
  FilterOverrides overrides = DecodeFilterOverrides(in.typed_per_filter_config(), context);
  out.fault = std::move(overrides.fault);
  if (overrides.unusable) unusable = std::move(overrides.unusable);
  return out;
}

resource::WeightedClusters DecodeWeightedClusters(const route::WeightedCluster& in,
                                                  std::optional<std::string>& unusable,
                                                  DecodeContext& context) {
  resource::WeightedClusters out;
  for (int i = 0; i < in.clusters_size(); ++i) {
    const auto scope = context.In("clusters", i);
    out.clusters.push_back(DecodeClusterWeight(in.clusters(i), unusable, context));
    out.total_weight += out.clusters.back().weight;
  }
  if (out.clusters.empty()) context.Error("clusters", "must not be empty");
  if (in.random_value_specifier_case() == route::WeightedCluster::kHeaderName) {
    RequireHeaderText(in.header_name(), "header_name", context);
    out.random_value_header = LowerCase(in.header_name());
  }
  // total_weight is of no effect since Envoy sums up itself; runtime keys have no runtime here.
  ReportUnused(in, {"clusters", "total_weight", "runtime_key_prefix", "header_name"}, context);
  return out;
}

ClusterChoice DecodeCluster(const route::RouteAction& in, std::optional<std::string>& unusable,
                            DecodeContext& context) {
  switch (in.cluster_specifier_case()) {
    case route::RouteAction::kCluster:
      if (in.cluster().empty()) context.Error("cluster", "must not be empty");
      return ClusterName(in.cluster());
    case route::RouteAction::kClusterHeader:
      RequireHeaderName(in.cluster_header(), "cluster_header", context);
      return ClusterHeader{LowerCase(in.cluster_header())};
    case route::RouteAction::kWeightedClusters: {
      const auto scope = context.In("weighted_clusters");
      return DecodeWeightedClusters(in.weighted_clusters(), unusable, context);
    }
    case route::RouteAction::kClusterSpecifierPlugin:
    case route::RouteAction::kInlineClusterSpecifierPlugin:
      unusable = "route: cluster specifier plugins are not supported yet";
      return ClusterName();
    default:
      context.Error("cluster_specifier", "is required");
      return ClusterName();
  }
}

resource::HostRewrite DecodeHostRewrite(const route::RouteAction& in, DecodeContext& context) {
  switch (in.host_rewrite_specifier_case()) {
    case route::RouteAction::kHostRewriteLiteral:
      RequireHeaderText(in.host_rewrite_literal(), "host_rewrite_literal", context);
      return resource::HostRewriteLiteral{in.host_rewrite_literal()};
    case route::RouteAction::kHostRewriteHeader:
      RequireHeaderText(in.host_rewrite_header(), "host_rewrite_header", context);
      return resource::HostRewriteHeader{LowerCase(in.host_rewrite_header())};
    case route::RouteAction::kAutoHostRewrite:
      if (!in.auto_host_rewrite().value()) return {};
      return resource::HostRewriteAuto{};
    case route::RouteAction::kHostRewritePathRegex: {
      const auto scope = context.In("host_rewrite_path_regex");
      return resource::HostRewritePathRegex{
          DecodeRegexRewrite(in.host_rewrite_path_regex(), context)};
    }
    default:
      return {};
  }
}

void DecodeTimeouts(const route::RouteAction& in, ForwardAction& out, DecodeContext& context) {
  if (in.has_timeout()) out.timeout = DecodeDuration(in.timeout(), "timeout", context);
  if (in.has_idle_timeout()) {
    out.idle_timeout = DecodeDuration(in.idle_timeout(), "idle_timeout", context);
  }
  if (in.max_stream_duration().has_max_stream_duration()) {
    out.max_stream_duration = DecodeDuration(in.max_stream_duration().max_stream_duration(),
                                             "max_stream_duration", context);
  } else if (in.has_max_stream_duration()) {
    // Its presence alone, whatever is in it, takes the route's time-out away, as in Envoy.
    out.timeout = absl::ZeroDuration();
  }
}

int NotFoundStatus(const route::RouteAction& in, DecodeContext& context) {
  switch (in.cluster_not_found_response_code()) {
    case route::RouteAction::SERVICE_UNAVAILABLE:
      return 503;
    case route::RouteAction::NOT_FOUND:
      return 404;
    case route::RouteAction::INTERNAL_SERVER_ERROR:
      return 500;
    default:
      context.Error("cluster_not_found_response_code", "unknown value");
      return 503;
  }
}

void CheckHashPolicies(const route::RouteAction& in, DecodeContext& context) {
  using HashPolicy = route::RouteAction::HashPolicy;
  for (int i = 0; i < in.hash_policy_size(); ++i) {
    const auto scope = context.In("hash_policy", i);
    const HashPolicy& policy = in.hash_policy(i);
    if (policy.policy_specifier_case() == HashPolicy::POLICY_SPECIFIER_NOT_SET) {
      context.Error("policy_specifier", "is required");
    }
    if (policy.has_header()) {
      RequireHeaderName(policy.header().header_name(), "header.header_name", context);
    }
    if (policy.has_cookie() && policy.cookie().name().empty()) {
      context.Error("cookie.name", "must not be empty");
    }
    if (policy.has_query_parameter() && policy.query_parameter().name().empty()) {
      context.Error("query_parameter.name", "must not be empty");
    }
  }
  if (in.hash_policy_size() > 0) context.Ignored("hash_policy");
}

}  // namespace

resource::RouteAction DecodeForwardAction(const route::RouteAction& in, DecodeContext& context) {
  ReportUnused(in, kActionFields, context);
  std::optional<std::string> unusable;
  ForwardAction out;
  out.cluster = DecodeCluster(in, unusable, context);
  if (!in.prefix_rewrite().empty()) {
    RequireHeaderText(in.prefix_rewrite(), "prefix_rewrite", context);
    out.prefix_rewrite = in.prefix_rewrite();
  }
  if (in.has_regex_rewrite()) {
    const auto scope = context.In("regex_rewrite");
    out.regex_rewrite = DecodeRegexRewrite(in.regex_rewrite(), context);
  }
  out.host_rewrite = DecodeHostRewrite(in, context);
  out.append_x_forwarded_host = in.append_x_forwarded_host();
  DecodeTimeouts(in, out, context);
  if (in.has_retry_policy()) {
    const auto scope = context.In("retry_policy");
    out.retry_policy = DecodeRetryPolicy(in.retry_policy(), context);
  }
  out.cluster_not_found_status = NotFoundStatus(in, context);
  CheckHashPolicies(in, context);
  if (unusable) return FailAction{*std::move(unusable)};
  return out;
}

}  // namespace meshlib::xds
