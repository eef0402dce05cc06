// SPDX-License-Identifier: Apache-2.0
// What a route does.

#ifndef MESHLIB_XDS_DECODE_ROUTE_ACTION_H_
#define MESHLIB_XDS_DECODE_ROUTE_ACTION_H_

#include "meshlib/envoy/config/route/v3/route.pb.h"
#include "resource/route_config.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

resource::RouteAction DecodeRouteAction(const envoy::config::route::v3::Route& in,
                                        DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_ROUTE_ACTION_H_
