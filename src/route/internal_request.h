// SPDX-License-Identifier: Apache-2.0
// Does a request come from inside, and what may it say if not?

#ifndef MESHLIB_ROUTE_INTERNAL_REQUEST_H_
#define MESHLIB_ROUTE_INTERNAL_REQUEST_H_

#include <span>

#include "meshlib/headers.h"
#include "resource/cidr_range.h"

namespace meshlib::route {

// Envoy's rule: the request has exactly one address in x-forwarded-for, and that is in one of
// `internal` (the connection manager's internal_address_config). Without any, none is internal.
bool IsInternalRequest(const Headers& headers, std::span<const resource::CidrRange> internal);

// For a request that is not internal: the x-envoy-* headers that only proxies of the mesh may send
// (Envoy's ConnectionManagerUtility). `at_edge`: no proxy is between it and whoever sent it, so
// that those go as well which tell of other proxies and of what they have rewritten.
void RemoveInternalHeaders(bool at_edge, Headers& headers);

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_INTERNAL_REQUEST_H_
