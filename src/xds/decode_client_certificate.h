// SPDX-License-Identifier: Apache-2.0
// Decodes what HttpConnectionManager says of x-forwarded-client-cert.

#ifndef MESHLIB_XDS_DECODE_CLIENT_CERTIFICATE_H_
#define MESHLIB_XDS_DECODE_CLIENT_CERTIFICATE_H_

#include "meshlib/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb.h"
#include "resource/client_certificate_details.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

resource::ClientCertificateDetails DecodeClientCertificate(
    const envoy::extensions::filters::network::http_connection_manager::v3::HttpConnectionManager&
        in,
    DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_CLIENT_CERTIFICATE_H_
