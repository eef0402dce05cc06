// SPDX-License-Identifier: Apache-2.0
#include "client/call_headers.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "policy/internal_request.h"

namespace meshlib::client {
namespace {

using RequestId = std::array<char, 36>;

// Removed when a request comes from outside, whoever sent it (Envoy's mutateRequestHeaders).
constexpr std::string_view kOnlyInside[] = {"x-envoy-retry-on",
                                            "x-envoy-retry-grpc-on",
                                            "x-envoy-max-retries",
                                            "x-envoy-retriable-status-codes",
                                            "x-envoy-retriable-header-names",
                                            "x-envoy-hedge-on-per-try-timeout",
                                            "x-envoy-upstream-rq-timeout-ms",
                                            "x-envoy-upstream-rq-per-try-timeout-ms",
                                            "x-envoy-upstream-alt-stat-name",
                                            "x-envoy-upstream-stream-duration-ms",
                                            "x-envoy-expected-rq-timeout-ms",
                                            "x-envoy-force-trace",
                                            "x-envoy-internal",
                                            "x-envoy-ip-tags",
                                            "x-envoy-original-url"};
// Removed at the edge of the mesh as well.
constexpr std::string_view kOnlyBehindTheEdge[] = {"x-envoy-decorator-operation",
                                                   "x-envoy-downstream-service-cluster",
                                                   "x-envoy-downstream-service-node"};

bool HasEnvoyHeaders(const Headers& headers) {
  return std::any_of(headers.begin(), headers.end(), [](const Headers::Field& field) {
    return field.name.starts_with("x-envoy-");
  });
}

// RFC 9562 section 5.4: a version 4 UUID.
RequestId MakeRequestId(base::Random& random) {
  constexpr std::string_view kPattern = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
  constexpr char kDigits[] = "0123456789abcdef";
  RequestId id{};
  uint64_t bits = 0;
  for (size_t i = 0; i < id.size(); ++i) {
    if (i % 16 == 0) bits = random.Next();
    const uint64_t digit = bits & 15;
    bits >>= 4;
    id[i] = kPattern[i] == 'x'   ? kDigits[digit]
            : kPattern[i] == 'y' ? kDigits[8 | (digit & 3)]
                                 : kPattern[i];
  }
  return id;
}

}  // namespace

policy::RouterHeaders ManageRequestHeaders(const resource::HttpSettings& http, base::Random& random,
                                           route::OutgoingHead* head) {
  Headers& headers = head->headers;
  const bool is_inside = policy::IsInternalRequest(headers, http.internal_addresses);
  const bool is_edge = http.use_remote_address && !is_inside;
  if (is_inside) {
    headers.Set("x-envoy-internal", "true");
  } else if (HasEnvoyHeaders(headers)) {
    for (const std::string_view name : kOnlyInside) headers.Remove(name);
    if (is_edge) {
      for (const std::string_view name : kOnlyBehindTheEdge) headers.Remove(name);
    }
  }
  if (!headers.Has("x-forwarded-proto")) headers.Add("x-forwarded-proto", head->scheme);
  const bool keeps_id =
      headers.Has("x-request-id") && !(is_edge && !http.preserve_external_request_id);
  if (http.generate_request_id && !keeps_id) {
    const RequestId id = MakeRequestId(random);
    headers.Set("x-request-id", {id.data(), id.size()});
  }
  return is_inside ? policy::RouterHeaders::kHonoured : policy::RouterHeaders::kIgnored;
}

}  // namespace meshlib::client
