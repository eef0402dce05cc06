// SPDX-License-Identifier: Apache-2.0
// What the TLS contexts of both sides have in common.

#ifndef MESHLIB_TRANSLATE_TLS_CONTEXT_H_
#define MESHLIB_TRANSLATE_TLS_CONTEXT_H_

#include "meshlib/envoy/extensions/transport_sockets/tls/v3/tls.pb.h"
#include "proto/any.h"
#include "translate/xds.h"

namespace meshlib::translate {

namespace xds_tls = ::meshlib::envoy::extensions::transport_sockets::tls::v3;

void SetVersions(xds_tls::CommonTlsContext& common);

// The workload's certificate and the mesh's roots: the secrets that Istio's agent serves beside the
// proxy, in whose place a program with an identity of its own uses that.
void SetAgentCertificates(xds_tls::CommonTlsContext& common);

// The same by the names that Istio's bootstrap for gRPC has for them; in both generations of the
// fields, as istiod does.
void SetProviderCertificates(xds_tls::CommonTlsContext& common);

// `context`: of either side.
template <typename Context>
xds_core::TransportSocket TlsSocket(const Context& context) {
  xds_core::TransportSocket socket;
  socket.set_name("envoy.transport_sockets.tls");
  *socket.mutable_typed_config() = proto::PackAny(context);
  return socket;
}

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_TLS_CONTEXT_H_
