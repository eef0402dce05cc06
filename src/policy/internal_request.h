// SPDX-License-Identifier: Apache-2.0
// IsInternalRequest: does a request come from inside?

#ifndef MESHLIB_POLICY_INTERNAL_REQUEST_H_
#define MESHLIB_POLICY_INTERNAL_REQUEST_H_

#include <span>

#include "meshlib/headers.h"
#include "resource/cidr_range.h"

namespace meshlib::policy {

// Envoy's rule: the request has exactly one address in x-forwarded-for, and that is in one of
// `internal` (the connection manager's internal_address_config). Without any, none is internal.
bool IsInternalRequest(const Headers& headers, std::span<const resource::CidrRange> internal);

}  // namespace meshlib::policy

#endif  // MESHLIB_POLICY_INTERNAL_REQUEST_H_
