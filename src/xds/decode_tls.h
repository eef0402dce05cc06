// SPDX-License-Identifier: Apache-2.0
// TLS contexts of both sides.

#ifndef MESHLIB_XDS_DECODE_TLS_H_
#define MESHLIB_XDS_DECODE_TLS_H_

#include <optional>
#include <string>
#include <variant>

#include "meshlib/envoy/config/core/v3/core.pb.h"
#include "resource/tls_context.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

struct PlaintextTransport {};
// What Calls are to be told: "security: transport socket X is not supported yet".
struct UnsupportedTransport {
  std::string reason;
};
using Transport = std::variant<PlaintextTransport, resource::TlsContext, UnsupportedTransport>;

enum class TlsSide { kClient, kServer };

// What a transport_socket asks for. Fields that are not known here are problems: they may decide
// who is trusted.
Transport DecodeTransport(const envoy::config::core::v3::TransportSocket& in, TlsSide side,
                          DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_TLS_H_
