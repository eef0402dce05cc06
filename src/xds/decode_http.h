// SPDX-License-Identifier: Apache-2.0
// The HttpConnectionManager: how a Listener treats HTTP.

#ifndef MESHLIB_XDS_DECODE_HTTP_H_
#define MESHLIB_XDS_DECODE_HTTP_H_

#include <string_view>

#include "google/protobuf/any.pb.h"
#include "resource/listener.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

inline constexpr std::string_view kHttpConnectionManagerType =
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

// REQUIRES: ExtensionType(any) is kHttpConnectionManagerType.
resource::HttpSettings DecodeHttpSettings(const google::protobuf::Any& any, DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_HTTP_H_
