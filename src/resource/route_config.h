// SPDX-License-Identifier: Apache-2.0
// RouteConfig: envoy.config.route.v3.RouteConfiguration, decoded and validated.

#ifndef MESHLIB_RESOURCE_ROUTE_CONFIG_H_
#define MESHLIB_RESOURCE_ROUTE_CONFIG_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "resource/fault.h"
#include "resource/header_mutation.h"
#include "resource/matcher.h"
#include "resource/names.h"
#include "resource/origin.h"
#include "resource/retry_policy.h"

namespace meshlib::resource {

// envoy.config.route.v3.RouteMatch.path_specifier. A value.
struct PathMatcher {
  enum class Kind : uint8_t { kPrefix, kExact, kRegex, kPathSeparatedPrefix };

  Kind kind = Kind::kPrefix;
  bool case_sensitive = true;  // of no effect on kRegex
  std::string value;           // as configured, also when case does not count
  Regex regex;                 // kRegex only

  friend bool operator==(const PathMatcher&, const PathMatcher&) = default;
};

// envoy.config.route.v3.RouteMatch. A value.
struct RouteMatch {
  PathMatcher path;
  std::vector<HeaderMatcher> headers;
  std::vector<QueryParameterMatcher> query_parameters;
  std::optional<FractionalPercent> runtime_fraction;  // default_value only: there is no runtime
  bool grpc = false;                                  // only requests whose content-type is gRPC's

  friend bool operator==(const RouteMatch&, const RouteMatch&) = default;
};

// type.matcher.v3.RegexMatchAndSubstitute. `substitution` uses \\1 like RE2. A value.
struct RegexRewrite {
  Regex regex;
  std::string substitution;
  friend bool operator==(const RegexRewrite&, const RegexRewrite&) = default;
};

// What becomes of the authority on the way to the peer.
struct HostRewriteLiteral {
  std::string value;
  friend bool operator==(const HostRewriteLiteral&, const HostRewriteLiteral&) = default;
};
struct HostRewriteHeader {
  std::string name;  // lower case; the authority stays when the header is absent or empty
  friend bool operator==(const HostRewriteHeader&, const HostRewriteHeader&) = default;
};
struct HostRewriteAuto {  // the hostname of the endpoint (DNS clusters)
  friend bool operator==(const HostRewriteAuto&, const HostRewriteAuto&) = default;
};
struct HostRewritePathRegex {
  RegexRewrite rewrite;
  friend bool operator==(const HostRewritePathRegex&, const HostRewritePathRegex&) = default;
};
using HostRewrite = std::variant<std::monostate, HostRewriteLiteral, HostRewriteHeader,
                                 HostRewriteAuto, HostRewritePathRegex>;

// WeightedCluster.ClusterWeight. A value.
struct WeightedCluster {
  ClusterName name;
  uint32_t weight = 0;
  HeaderMutations request_headers;
  HeaderMutations response_headers;
  std::optional<std::string> host_rewrite_literal;
  std::optional<FaultPolicy> fault;  // typed_per_filter_config; replaces the route's
  friend bool operator==(const WeightedCluster&, const WeightedCluster&) = default;
};

struct WeightedClusters {
  std::vector<WeightedCluster> clusters;  // never empty; weights sum to total_weight
  uint64_t total_weight = 0;              // > 0 and <= 2^32 - 1
  // Lower case; a request header that holds the random value to use (decimal, modulo the total).
  std::optional<std::string> random_value_header;
  friend bool operator==(const WeightedClusters&, const WeightedClusters&) = default;
};

// RouteAction.cluster_header: the request names its cluster. A value.
struct ClusterHeader {
  std::string name;  // lower case
  friend bool operator==(const ClusterHeader&, const ClusterHeader&) = default;
};

// envoy.config.route.v3.RouteAction. A value.
struct ForwardAction {
  std::variant<ClusterName, WeightedClusters, ClusterHeader> cluster;
  std::optional<std::string> prefix_rewrite;
  std::optional<RegexRewrite> regex_rewrite;
  HostRewrite host_rewrite;
  bool append_x_forwarded_host = false;
  std::optional<absl::Duration> timeout;       // absent: Envoy's 15 s; zero: none
  std::optional<absl::Duration> idle_timeout;  // absent: the Listener's; zero: none
  // max_stream_duration.max_stream_duration; istiod sends it to gRPC clients instead of `timeout`.
  std::optional<absl::Duration> max_stream_duration;
  std::optional<RetryPolicy> retry_policy;  // absent: the VirtualHost's
  int cluster_not_found_status = 503;       // cluster_not_found_response_code: 404, 500 or 503
  friend bool operator==(const ForwardAction&, const ForwardAction&) = default;
};

// envoy.config.route.v3.RedirectAction. A value.
struct RedirectAction {
  bool https_redirect = false;
  std::optional<std::string> scheme_redirect;
  std::optional<std::string> host_redirect;
  std::optional<uint32_t> port_redirect;
  std::optional<std::string> path_redirect;  // at most one of the three
  std::optional<std::string> prefix_rewrite;
  std::optional<RegexRewrite> regex_rewrite;
  int status = 301;  // 301, 302, 303, 307, 308
  bool strip_query = false;
  friend bool operator==(const RedirectAction&, const RedirectAction&) = default;
};

// envoy.config.route.v3.DirectResponseAction. A value.
struct DirectResponse {
  int status = 200;
  std::string body;
  friend bool operator==(const DirectResponse&, const DirectResponse&) = default;
};

// Inbound routes of GENERATOR=grpc: the handler answers.
struct NonForwardingAction {
  friend bool operator==(const NonForwardingAction&, const NonForwardingAction&) = default;
};

// A route whose configuration asks for something that decides security and that we cannot do: it
// matches, and fails every Call with `reason`.
struct FailAction {
  std::string reason;
  friend bool operator==(const FailAction&, const FailAction&) = default;
};

using RouteAction =
    std::variant<ForwardAction, RedirectAction, DirectResponse, NonForwardingAction, FailAction>;

// envoy.config.route.v3.Route. A value.
struct Route {
  std::string name;
  Origin origin;  // metadata filter_metadata["istio"]
  RouteMatch match;
  RouteAction action;
  HeaderMutations request_headers;
  HeaderMutations response_headers;
  std::optional<FaultPolicy> fault;  // typed_per_filter_config; replaces the Listener's
  friend bool operator==(const Route&, const Route&) = default;
};

// envoy.config.route.v3.VirtualHost. A value.
struct VirtualHost {
  std::string name;
  std::vector<std::string> domains;  // never empty; each in at most one VirtualHost
  std::vector<Route> routes;
  std::optional<RetryPolicy> retry_policy;
  HeaderMutations request_headers;
  HeaderMutations response_headers;
  bool include_request_attempt_count = false;  // x-envoy-attempt-count to the peer
  bool include_attempt_count_in_response = false;
  std::optional<FaultPolicy> fault;
  friend bool operator==(const VirtualHost&, const VirtualHost&) = default;
};

// A value.
struct RouteConfig {
  RouteConfigName name;
  std::vector<VirtualHost> virtual_hosts;
  HeaderMutations request_headers;
  HeaderMutations response_headers;
  std::vector<std::string> internal_only_headers;  // lower case
  bool ignore_port_in_host_matching = false;
  bool most_specific_header_mutations_wins = false;

  std::string ToString() const;
  friend bool operator==(const RouteConfig&, const RouteConfig&) = default;
};

}  // namespace meshlib::resource

#endif  // MESHLIB_RESOURCE_ROUTE_CONFIG_H_
