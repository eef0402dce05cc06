// SPDX-License-Identifier: Apache-2.0
#include "client/call_headers.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "route/client_address.h"
#include "route/internal_request.h"

namespace meshlib::client {
namespace {

using RequestId = std::array<char, 36>;

// The lower four bits of each byte as a hexadecimal digit, eight at a time.
void WriteDigits(uint64_t bits, char* out) {
  constexpr uint64_t kEach = 0x0101010101010101;
  const uint64_t values = bits & (15 * kEach);
  const uint64_t letters = (values + 6 * kEach) >> 4 & kEach;
  const uint64_t digits = values + '0' * kEach + letters * ('a' - '9' - 1);
  std::memcpy(out, &digits, sizeof(digits));
}

// RFC 9562 section 5.4: a version 4 UUID. All of it is random, so the order of digits is any.
RequestId MakeRequestId(base::Random& random) {
  std::array<char, 32> digits;
  for (size_t at = 0; at < digits.size(); at += 16) {
    const uint64_t bits = random.Next();
    WriteDigits(bits, &digits[at]);
    WriteDigits(bits >> 4, &digits[at + 8]);
  }
  digits[12] = '4';
  digits[16] = "89ab"[random.Below(4)];
  RequestId id;
  id.fill('-');
  std::memcpy(&id[0], &digits[0], 8);
  std::memcpy(&id[9], &digits[8], 4);
  std::memcpy(&id[14], &digits[12], 4);
  std::memcpy(&id[19], &digits[16], 4);
  std::memcpy(&id[24], &digits[20], 12);
  return id;
}

// At the edge. Whoever forwards the request has added its client behind the trusted hops.
void SetExternalAddress(uint32_t trusted_hops, Headers& headers) {
  std::optional<resource::Address> address = route::ForwardedAddress(headers, trusted_hops);
  if (!address) address = route::ForwardedAddress(headers, 0);
  if (!address) {
    headers.Remove("x-envoy-external-address");
    return;
  }
  headers.Set("x-envoy-external-address", address->IpString());
}

}  // namespace

policy::RouterHeaders ManageRequestHeaders(const resource::HttpSettings& http, base::Random& random,
                                           route::OutgoingHead* head) {
  Headers& headers = head->headers;
  const bool is_inside = route::IsInternalRequest(headers, http.internal_addresses);
  const bool is_edge = http.use_remote_address && !is_inside;
  if (is_inside) {
    headers.Set("x-envoy-internal", "true");
  } else {
    route::RemoveInternalHeaders(is_edge, headers);
  }
  if (is_edge) SetExternalAddress(http.xff_num_trusted_hops, headers);
  const bool is_first_proxy = http.use_remote_address && http.xff_num_trusted_hops == 0;
  if (is_first_proxy || !headers.Has("x-forwarded-proto")) {
    headers.Set("x-forwarded-proto", head->scheme);
  }
  const bool has_id = headers.Has("x-request-id");
  const bool keeps_id = has_id && !(is_edge && !http.preserve_external_request_id);
  if (http.generate_request_id && !keeps_id) {
    const RequestId id = MakeRequestId(random);
    const std::string_view text(id.data(), id.size());
    has_id ? headers.Set("x-request-id", text) : headers.AddLowerCase("x-request-id", text);
  }
  return is_inside ? policy::RouterHeaders::kHonoured : policy::RouterHeaders::kIgnored;
}

}  // namespace meshlib::client
