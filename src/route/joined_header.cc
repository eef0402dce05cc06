// SPDX-License-Identifier: Apache-2.0
#include "route/joined_header.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace meshlib::route {
namespace {

// Sorted.
constexpr std::string_view kOfRequests[] = {
    "accept",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "grpc-accept-encoding",
    "grpc-timeout",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "origin",
    "pragma",
    "proxy-connection",
    "proxy-status",
    "referer",
    "te",
    "upgrade",
    "user-agent",
    "via",
    "x-client-trace-id",
    "x-envoy-attempt-count",
    "x-envoy-decorator-operation",
    "x-envoy-downstream-service-cluster",
    "x-envoy-downstream-service-node",
    "x-envoy-expected-rq-timeout-ms",
    "x-envoy-external-address",
    "x-envoy-force-trace",
    "x-envoy-hedge-on-per-try-timeout",
    "x-envoy-internal",
    "x-envoy-ip-tags",
    "x-envoy-max-retries",
    "x-envoy-original-host",
    "x-envoy-original-path",
    "x-envoy-original-url",
    "x-envoy-retry-on",
    "x-envoy-upstream-alt-stat-name",
    "x-envoy-upstream-rq-timeout-ms",
    "x-forwarded-client-cert",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-request-id",
};
constexpr std::string_view kOfResponses[] = {
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "age",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "etag",
    "expires",
    "grpc-message",
    "grpc-status",
    "keep-alive",
    "last-modified",
    "location",
    "proxy-status",
    "server",
    "vary",
    "via",
    "x-envoy-attempt-count",
    "x-envoy-decorator-operation",
    "x-envoy-degraded",
    "x-envoy-immediate-health-check-fail",
    "x-envoy-ratelimited",
    "x-envoy-upstream-canary",
    "x-envoy-upstream-healthchecked-cluster",
    "x-envoy-upstream-service-time",
    "x-request-id",
};

}  // namespace

bool IsJoinedHeader(MessageKind kind, std::string_view name) {
  return kind == MessageKind::kRequest
             ? std::binary_search(std::begin(kOfRequests), std::end(kOfRequests), name)
             : std::binary_search(std::begin(kOfResponses), std::end(kOfResponses), name);
}

void AppendHeader(MessageKind kind, std::string_view name, std::string_view value,
                  Headers& headers) {
  if (!headers.Has(name) || !IsJoinedHeader(kind, name)) return headers.Add(name, value);
  std::string storage;
  std::string joined(*headers.GetJoined(name, &storage));
  if (!joined.empty() && !value.empty()) joined.push_back(',');
  headers.Set(name, joined.append(value));
}

}  // namespace meshlib::route
