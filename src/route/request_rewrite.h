// SPDX-License-Identifier: Apache-2.0
// What becomes of a request, and of its answer, once its route is chosen.

#ifndef MESHLIB_ROUTE_REQUEST_REWRITE_H_
#define MESHLIB_ROUTE_REQUEST_REWRITE_H_

#include <optional>
#include <string>
#include <string_view>

#include "meshlib/headers.h"
#include "resource/listener.h"
#include "resource/route_config.h"
#include "route/header_format.h"
#include "route/header_rewrite.h"
#include "route/request_head.h"
#include "route/route_table.h"

namespace meshlib::route {

// The head of a request on its way to a peer. Recycle it: assigning to a used one does not
// allocate as far as its memory suffices. Thread-compatible.
struct OutgoingHead {
  std::string method;
  std::string path;
  std::string authority;
  std::string scheme = "http";
  Headers headers;  // without "host"

  RequestHead View() const { return {method, path, authority, scheme, &headers}; }
};

// What was chosen for a request. `weighted` is null unless a WeightedClusters action chose it.
struct ChosenRoute {
  const resource::RouteConfig& config;
  const CompiledRoute& route;
  const resource::WeightedCluster* weighted = nullptr;
};

// Does to `head` what Envoy's router does before the first Attempt, in its order: header mutations
// of the weighted cluster and its host rewrite; those of the route, VirtualHost and RouteConfig
// (reversed by most_specific_header_mutations_wins); host rewrite with x-forwarded-host and
// x-envoy-original-host; path rewrite with x-envoy-original-path. The x-envoy- headers stay out
// with `suppress_envoy_headers`. HostRewriteAuto is left to RewriteAutoHost().
//
// REQUIRES: the route's action is a ForwardAction. `context.request` is ignored: commands see
// `head`.
void RewriteRequest(const ChosenRoute& chosen, const FormatContext& context,
                    const resource::HttpSettings& settings, OutgoingHead& head,
                    RewriteScratch& scratch);

// HostRewriteAuto, for each Attempt: the authority becomes `hostname`, the endpoint's, unless that
// is empty.
void RewriteAutoHost(const resource::ForwardAction& action, std::string_view hostname,
                     const resource::HttpSettings& settings, OutgoingHead& head);

// x-envoy-attempt-count, for each Attempt: `attempt` counts from 1. Does nothing unless the
// VirtualHost asks for it.
void SetAttemptCount(const resource::VirtualHost& host, int attempt, Headers& request_headers);

// Response mutations of all levels, weighted cluster first, and x-envoy-attempt-count where the
// VirtualHost asks for it (context.attempts > 0). Also for direct responses and redirects.
void RewriteResponse(const ChosenRoute& chosen, const FormatContext& context, Headers& response,
                     RewriteScratch& scratch);

// The path with its query after prefix_rewrite or regex_rewrite; nullopt when neither is
// configured.
std::optional<std::string> RewrittenPath(const CompiledRoute& route, std::string_view path);

// `path` with what `matcher` matched, or with the whole path before the query, replaced.
std::string ReplacedPrefix(const resource::PathMatcher& matcher, std::string_view replacement,
                           std::string_view path);
std::string ReplacedPath(const resource::RegexRewrite& rewrite, std::string_view path);

// The policy in force: the weighted cluster's, else the route's, else the VirtualHost's, else that
// of the Listener's filter; null without a fault filter.
const resource::FaultPolicy* EffectiveFault(const ChosenRoute& chosen,
                                            const resource::HttpSettings& settings);

// The route's timeout as Envoy defaults it (15 s); nullopt: none.
std::optional<absl::Duration> EffectiveTimeout(const resource::ForwardAction& action);

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_REQUEST_REWRITE_H_
