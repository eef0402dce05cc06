// SPDX-License-Identifier: Apache-2.0
#include "route/internal_request.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "resource/address.h"

namespace meshlib::route {
namespace {

using resource::Address;
using resource::CidrRange;

constexpr std::string_view kOnlyInside[] = {"x-envoy-retry-on",
                                            "x-envoy-retry-grpc-on",
                                            "x-envoy-max-retries",
                                            "x-envoy-retriable-status-codes",
                                            "x-envoy-retriable-header-names",
                                            "x-envoy-hedge-on-per-try-timeout",
                                            "x-envoy-upstream-rq-timeout-ms",
                                            "x-envoy-upstream-rq-per-try-timeout-ms",
                                            "x-envoy-upstream-rq-timeout-alt-response",
                                            "x-envoy-upstream-alt-stat-name",
                                            "x-envoy-upstream-stream-duration-ms",
                                            "x-envoy-expected-rq-timeout-ms",
                                            "x-envoy-force-trace",
                                            "x-envoy-internal",
                                            "x-envoy-ip-tags",
                                            "x-envoy-original-url"};
constexpr std::string_view kOnlyBehindTheEdge[] = {
    "x-envoy-decorator-operation", "x-envoy-downstream-service-cluster",
    "x-envoy-downstream-service-node", "x-envoy-original-path", "x-envoy-original-host"};

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

bool HasEnvoyHeaders(const Headers& headers) {
  return std::any_of(headers.begin(), headers.end(), [](const Headers::Field& field) {
    return field.name.starts_with("x-envoy-");
  });
}

}  // namespace

bool IsInternalRequest(const Headers& headers, std::span<const CidrRange> internal) {
  if (internal.empty()) return false;
  std::optional<std::string_view> only;
  for (const Headers::Field& field : headers) {
    if (field.name != "x-forwarded-for") continue;
    if (only.has_value()) return false;
    only = field.value;
  }
  if (!only.has_value()) return false;
  const std::optional<Address> address = Address::FromIp(Trimmed(*only), 0);
  return address && std::any_of(internal.begin(), internal.end(),
                                [&](const CidrRange& range) { return range.Contains(*address); });
}

void RemoveInternalHeaders(bool at_edge, Headers& headers) {
  if (!HasEnvoyHeaders(headers)) return;
  for (const std::string_view name : kOnlyInside) headers.Remove(name);
  if (!at_edge) return;
  for (const std::string_view name : kOnlyBehindTheEdge) headers.Remove(name);
}

}  // namespace meshlib::route
