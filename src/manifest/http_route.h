// SPDX-License-Identifier: Apache-2.0
// HttpRoute: networking.istio.io HTTPRoute, one entry of a VirtualService's `http`.

#ifndef MESHLIB_MANIFEST_HTTP_ROUTE_H_
#define MESHLIB_MANIFEST_HTTP_ROUTE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "manifest/object_meta.h"

namespace meshlib::manifest {

// istio StringMatch. A value.
struct StringMatch {
  enum class Kind : uint8_t { kExact, kPrefix, kRegex };

  Kind kind = Kind::kExact;
  std::string value;  // kRegex: compiles in RE2

  friend bool operator==(const StringMatch&, const StringMatch&) = default;
};

// Name -> how its value matches; nullopt: it is there, whatever its value.
using NamedMatches = std::map<std::string, std::optional<StringMatch>>;

// HTTPMatchRequest: all of it must hold. A value.
struct HttpMatch {
  std::string name;
  std::optional<StringMatch> uri;
  std::optional<StringMatch> scheme;
  std::optional<StringMatch> method;
  std::optional<StringMatch> authority;
  NamedMatches headers;
  NamedMatches without_headers;
  NamedMatches query_params;
  bool ignore_uri_case = false;
  std::optional<uint32_t> port;
  Labels source_labels;
  std::string source_namespace;
  std::vector<std::string> gateways;  // empty: those of the VirtualService
  std::string stat_prefix;
  Position position;

  friend bool operator==(const HttpMatch&, const HttpMatch&) = default;
};

// A value.
struct Destination {
  std::string host;    // as written: short names are not expanded
  std::string subset;  // empty: none
  std::optional<uint32_t> port;
  Position position;

  friend bool operator==(const Destination&, const Destination&) = default;
};

// Headers.HeaderOperations. A value.
struct HeaderOperations {
  std::map<std::string, std::string> set;
  std::map<std::string, std::string> add;
  std::vector<std::string> remove;

  friend bool operator==(const HeaderOperations&, const HeaderOperations&) = default;
};

// A value.
struct HeaderPolicy {
  HeaderOperations request;
  HeaderOperations response;

  friend bool operator==(const HeaderPolicy&, const HeaderPolicy&) = default;
};

// HTTPRouteDestination. A value.
struct HttpDestination {
  Destination destination;
  uint32_t weight = 0;  // as written; a single destination counts as 100
  HeaderPolicy headers;

  friend bool operator==(const HttpDestination&, const HttpDestination&) = default;
};

// HTTPRedirect. A value.
struct HttpRedirect {
  enum class DerivePort : uint8_t { kFromProtocolDefault, kFromRequestPort };

  std::string uri;             // replaces the whole path
  std::string prefix_rewrite;  // replaces the matched prefix
  std::string authority;
  std::string scheme;
  std::variant<std::monostate, uint32_t, DerivePort> port;
  uint32_t redirect_code = 301;

  friend bool operator==(const HttpRedirect&, const HttpRedirect&) = default;
};

// HTTPDirectResponse. A value.
struct HttpDirectResponse {
  uint32_t status = 0;
  std::string body;  // `string`, or `bytes` decoded from Base64

  friend bool operator==(const HttpDirectResponse&, const HttpDirectResponse&) = default;
};

// A value.
struct RegexRewrite {
  std::string match;  // compiles in RE2
  std::string rewrite;

  friend bool operator==(const RegexRewrite&, const RegexRewrite&) = default;
};

// HTTPRewrite. A value.
struct HttpRewrite {
  std::string uri;  // replaces the matched prefix, or the whole path
  std::string authority;
  std::optional<RegexRewrite> uri_regex;

  friend bool operator==(const HttpRewrite&, const HttpRewrite&) = default;
};

// HTTPRetry. A value.
struct HttpRetry {
  uint32_t attempts = 0;  // 0: no retries
  std::optional<absl::Duration> per_try_timeout;
  std::string retry_on;  // as written; empty: Istio's default conditions
  std::optional<bool> retry_remote_localities;
  std::optional<bool> retry_ignore_previous_hosts;
  std::optional<absl::Duration> backoff;

  friend bool operator==(const HttpRetry&, const HttpRetry&) = default;
};

// HTTPFaultInjection.Delay. A value.
struct FaultDelay {
  double percentage = 0;  // not given means nobody
  absl::Duration fixed_delay;

  friend bool operator==(const FaultDelay&, const FaultDelay&) = default;
};

// HTTPFaultInjection.Abort. A value.
struct FaultAbort {
  double percentage = 0;     // not given means nobody
  uint32_t http_status = 0;  // 0: `grpc_status` is given instead
  std::string grpc_status;   // "UNAVAILABLE"

  friend bool operator==(const FaultAbort&, const FaultAbort&) = default;
};

// A value.
struct HttpFault {
  std::optional<FaultDelay> delay;
  std::optional<FaultAbort> abort;

  friend bool operator==(const HttpFault&, const HttpFault&) = default;
};

// HTTPMirrorPolicy; the older `mirror` and `mirrorPercentage` are read as one of these. A value.
struct HttpMirror {
  Destination destination;
  double percentage = 100;

  friend bool operator==(const HttpMirror&, const HttpMirror&) = default;
};

// CorsPolicy. A value.
struct CorsPolicy {
  enum class UnmatchedPreflights : uint8_t { kUnspecified, kForward, kIgnore };

  std::vector<StringMatch> allow_origins;  // the deprecated allowOrigin is read as exact matches
  std::vector<std::string> allow_methods;
  std::vector<std::string> allow_headers;
  std::vector<std::string> expose_headers;
  std::optional<absl::Duration> max_age;
  std::optional<bool> allow_credentials;
  UnmatchedPreflights unmatched_preflights = UnmatchedPreflights::kUnspecified;

  friend bool operator==(const CorsPolicy&, const CorsPolicy&) = default;
};

// The VirtualService whose routes stand here. A value.
struct Delegate {
  std::string name;
  std::string name_space;  // empty: that of the delegating object

  friend bool operator==(const Delegate&, const Delegate&) = default;
};

// One of `route`, `redirect`, `direct_response` and `delegate` is there, as Istio's validation
// demands. A value.
struct HttpRoute {
  std::string name;
  std::vector<HttpMatch> match;  // any of them; empty: everything
  std::vector<HttpDestination> route;
  std::optional<HttpRedirect> redirect;
  std::optional<HttpDirectResponse> direct_response;
  std::optional<Delegate> delegate;
  std::optional<HttpRewrite> rewrite;
  std::optional<absl::Duration> timeout;  // zero: switched off
  std::optional<HttpRetry> retries;
  std::optional<HttpFault> fault;
  std::vector<HttpMirror> mirrors;
  std::optional<CorsPolicy> cors_policy;
  HeaderPolicy headers;
  Position position;

  friend bool operator==(const HttpRoute&, const HttpRoute&) = default;
};

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_HTTP_ROUTE_H_
