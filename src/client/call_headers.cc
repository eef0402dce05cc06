// SPDX-License-Identifier: Apache-2.0
#include "client/call_headers.h"

#include <array>
#include <string_view>

#include "route/internal_request.h"

namespace meshlib::client {
namespace {

using RequestId = std::array<char, 36>;

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
  const bool is_inside = route::IsInternalRequest(headers, http.internal_addresses);
  const bool is_edge = http.use_remote_address && !is_inside;
  if (is_inside) {
    headers.Set("x-envoy-internal", "true");
  } else {
    route::RemoveInternalHeaders(is_edge, headers);
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
