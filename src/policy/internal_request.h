// IsInternalRequest: does a forwarded request come from inside?

#ifndef MESHLIB_POLICY_INTERNAL_REQUEST_H_
#define MESHLIB_POLICY_INTERNAL_REQUEST_H_

#include "meshlib/headers.h"

namespace meshlib::policy {

// Envoy's rule for connections that it does not trust (use_remote_address false): the request has
// exactly one address in x-forwarded-for, and that is a private or loopback one (RFC 1918, RFC
// 4193). Decides RouterHeaders for requests that a gateway forwards. Requests that are not internal
// lose their router headers (RemoveRouterHeaders).
bool IsInternalRequest(const Headers& headers);

}  // namespace meshlib::policy

#endif  // MESHLIB_POLICY_INTERNAL_REQUEST_H_
