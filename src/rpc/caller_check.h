// SPDX-License-Identifier: Apache-2.0
// CheckNode: whether an ADS client is who its token says.

#ifndef MESHLIB_RPC_CALLER_CHECK_H_
#define MESHLIB_RPC_CALLER_CHECK_H_

#include <string_view>

#include "absl/status/status.h"
#include "identity/token.h"
#include "xds/ads_transport.h"

namespace meshlib::rpc {

// `bytes`: a request of a stream, `is_first` or not: only the first must have a node.
// PERMISSION_DENIED when it claims another namespace or service account, as istiod's identity check
// does.
absl::Status CheckNode(xds::AdsMethod method, std::string_view bytes, bool is_first,
                       const identity::TokenClaims& claims);

}  // namespace meshlib::rpc

#endif  // MESHLIB_RPC_CALLER_CHECK_H_
