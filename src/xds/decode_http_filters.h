// SPDX-License-Identifier: Apache-2.0
// The HTTP filters of a HttpConnectionManager.

#ifndef MESHLIB_XDS_DECODE_HTTP_FILTERS_H_
#define MESHLIB_XDS_DECODE_HTTP_FILTERS_H_

#include "meshlib/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb.h"
#include "resource/listener.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

// Faults, authorization and the router go to `out`. What decides security and is not supported
// makes it unusable; the rest is reported.
void DecodeHttpFilters(
    const envoy::extensions::filters::network::http_connection_manager::v3::HttpConnectionManager&
        in,
    resource::HttpSettings& out, DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_HTTP_FILTERS_H_
