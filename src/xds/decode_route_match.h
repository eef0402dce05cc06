// SPDX-License-Identifier: Apache-2.0
// The conditions of a route.

#ifndef MESHLIB_XDS_DECODE_ROUTE_MATCH_H_
#define MESHLIB_XDS_DECODE_ROUTE_MATCH_H_

#include <optional>

#include "meshlib/envoy/config/route/v3/route.pb.h"
#include "resource/route_config.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

// nullopt: it has a condition that cannot be evaluated here, which is reported; such a route takes
// no request, as one that took too many would send them where they do not belong.
std::optional<resource::RouteMatch> DecodeRouteMatch(const envoy::config::route::v3::RouteMatch& in,
                                                     DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_ROUTE_MATCH_H_
