// SPDX-License-Identifier: Apache-2.0
// ClientAddress: where a Call comes from, as trusted proxies tell it.

#ifndef MESHLIB_ROUTE_CLIENT_ADDRESS_H_
#define MESHLIB_ROUTE_CLIENT_ADDRESS_H_

#include <cstdint>
#include <optional>

#include "meshlib/headers.h"
#include "resource/address.h"
#include "resource/listener.h"

namespace meshlib::route {

// Envoy's downstream remote address (RBAC's remote_ip, Istio's remoteIpBlocks): of
// "x-forwarded-for" as use_remote_address and xff_num_trusted_hops say, or else `direct`.
resource::Address ClientAddress(const resource::HttpSettings& settings, const Headers& headers,
                                const resource::Address& direct);

// The address in x-forwarded-for that `skipped` others follow; nullopt when there is none, or it is
// no IP address.
std::optional<resource::Address> ForwardedAddress(const Headers& headers, uint32_t skipped);

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_CLIENT_ADDRESS_H_
