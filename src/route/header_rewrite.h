// SPDX-License-Identifier: Apache-2.0
// Header mutations: what a level of the route configuration does to headers.

#ifndef MESHLIB_ROUTE_HEADER_REWRITE_H_
#define MESHLIB_ROUTE_HEADER_REWRITE_H_

#include <string>

#include "meshlib/headers.h"
#include "resource/header_mutation.h"
#include "resource/route_config.h"
#include "route/header_format.h"
#include "route/joined_header.h"

namespace meshlib::route {

// Memory for the values of one level, recycled by whoever calls often. Thread-compatible.
struct RewriteScratch {
  std::string values;
};

// Removes, then adds. Commands and "if absent" see the headers as they are between the two, so the
// additions of one level do not see each other. `context` may view into `headers`.
void ApplyHeaderMutations(const resource::HeaderMutations& mutations, const FormatContext& context,
                          MessageKind kind, Headers& headers, RewriteScratch& scratch);

// RouteConfig.internal_only_headers: for requests from outside the mesh, before they are routed.
void RemoveInternalOnlyHeaders(const resource::RouteConfig& config, Headers& headers);

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_HEADER_REWRITE_H_
