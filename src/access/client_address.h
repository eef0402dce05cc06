// SPDX-License-Identifier: Apache-2.0
// ClientAddress: where a Call comes from, as trusted proxies tell it.

#ifndef MESHLIB_ACCESS_CLIENT_ADDRESS_H_
#define MESHLIB_ACCESS_CLIENT_ADDRESS_H_

#include "meshlib/headers.h"
#include "resource/address.h"
#include "resource/listener.h"

namespace meshlib::access {

// Envoy's downstream remote address (RBAC's remote_ip, Istio's remoteIpBlocks): of
// "x-forwarded-for" as use_remote_address and xff_num_trusted_hops say, or else `direct`.
resource::Address ClientAddress(const resource::HttpSettings& settings, const Headers& headers,
                                const resource::Address& direct);

}  // namespace meshlib::access

#endif  // MESHLIB_ACCESS_CLIENT_ADDRESS_H_
