// SPDX-License-Identifier: Apache-2.0
// A route that forwards: which cluster, with what path and authority, for how long.

#ifndef MESHLIB_XDS_DECODE_FORWARD_ACTION_H_
#define MESHLIB_XDS_DECODE_FORWARD_ACTION_H_

#include "meshlib/envoy/config/route/v3/route.pb.h"
#include "resource/route_config.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

// A FailAction where the cluster is chosen in a way that is not supported.
resource::RouteAction DecodeForwardAction(const envoy::config::route::v3::RouteAction& in,
                                          DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_FORWARD_ACTION_H_
