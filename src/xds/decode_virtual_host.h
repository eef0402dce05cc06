// SPDX-License-Identifier: Apache-2.0
// A virtual host with its routes.

#ifndef MESHLIB_XDS_DECODE_VIRTUAL_HOST_H_
#define MESHLIB_XDS_DECODE_VIRTUAL_HOST_H_

#include "meshlib/envoy/config/route/v3/route.pb.h"
#include "resource/route_config.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

resource::VirtualHost DecodeVirtualHost(const envoy::config::route::v3::VirtualHost& in,
                                        DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_VIRTUAL_HOST_H_
