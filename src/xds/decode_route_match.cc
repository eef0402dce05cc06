// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_route_match.h"

#include <string>

#include "xds/decode_matcher.h"
#include "xds/decode_unused.h"
#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

namespace route = envoy::config::route::v3;
using resource::PathMatcher;

constexpr std::string_view kNever = "is not supported yet: the route takes no request";

// path_separated_prefix: "^[^?#]+[^?#/]$".
bool IsSeparatedPrefix(std::string_view path) {
  return path.size() >= 2 && path.find_first_of("?#") == std::string_view::npos &&
         path.back() != '/';
}

bool DecodePath(const route::RouteMatch& in, PathMatcher& out, DecodeContext& context) {
  out.case_sensitive = !in.has_case_sensitive() || in.case_sensitive().value();
  switch (in.path_specifier_case()) {
    case route::RouteMatch::kPrefix:
      out.kind = PathMatcher::Kind::kPrefix;
      out.value = in.prefix();
      return true;
    case route::RouteMatch::kPath:
      out.kind = PathMatcher::Kind::kExact;
      out.value = in.path();
      return true;
    case route::RouteMatch::kSafeRegex: {
      const auto scope = context.In("safe_regex");
      out.kind = PathMatcher::Kind::kRegex;
      out.regex = DecodeRegex(in.safe_regex(), context);
      return true;
    }
    case route::RouteMatch::kPathSeparatedPrefix:
      out.kind = PathMatcher::Kind::kPathSeparatedPrefix;
      out.value = in.path_separated_prefix();
      if (!IsSeparatedPrefix(out.value)) {
        context.Error("path_separated_prefix", "must not contain \"?\" or \"#\", nor end in \"/\"");
      }
      return true;
    case route::RouteMatch::kConnectMatcher:
      context.Ignored("connect_matcher", kNever);
      return false;
    case route::RouteMatch::kPathMatchPolicy:
      context.Ignored("path_match_policy", kNever);
      return false;
    default:
      context.Error("path_specifier", "is required");
      return false;
  }
}

// Conditions beyond path, headers and parameters: false when there are any.
bool HasOnlyKnownConditions(const route::RouteMatch& in, DecodeContext& context) {
  bool known = true;
  const auto check = [&](bool present, std::string_view field) {
    if (!present) return;
    context.Ignored(field, kNever);
    known = false;
  };
  check(in.cookies_size() > 0, "cookies");
  check(in.has_tls_context(), "tls_context");
  check(in.dynamic_metadata_size() > 0, "dynamic_metadata");
  check(in.filter_state_size() > 0, "filter_state");
  check(!in.GetReflection()->GetUnknownFields(in).empty(), "a condition that is not known here");
  return known;
}

}  // namespace

std::optional<resource::RouteMatch> DecodeRouteMatch(const route::RouteMatch& in,
                                                     DecodeContext& context) {
  resource::RouteMatch out;
  const bool has_path = DecodePath(in, out.path, context);
  out.headers = DecodeHeaderMatchers(in.headers(), "headers", context);
  for (int i = 0; i < in.query_parameters_size(); ++i) {
    const auto scope = context.In("query_parameters", i);
    out.query_parameters.push_back(DecodeQueryParameterMatcher(in.query_parameters(i), context));
  }
  if (in.has_runtime_fraction()) {
    if (!in.runtime_fraction().has_default_value()) {
      context.Error("runtime_fraction.default_value", "is required");
    }
    out.runtime_fraction =
        DecodeFractionalPercent(in.runtime_fraction().default_value(), "runtime_fraction", context);
  }
  out.grpc = in.has_grpc();
  if (!HasOnlyKnownConditions(in, context) || !has_path) return std::nullopt;
  return out;
}

}  // namespace meshlib::xds
