// SPDX-License-Identifier: Apache-2.0
// Peer: the client of a connection with TLS.

#ifndef MESHLIB_SERVER_PEER_H_
#define MESHLIB_SERVER_PEER_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "access/request.h"
#include "meshlib/headers.h"
#include "meshlib/peer_identity.h"
#include "resource/client_certificate_details.h"
#include "tls/engine.h"
#include "tls/peer_certificate.h"

namespace meshlib::server {

// Made once for each connection. A value.
struct Peer {
  // Null: it has shown no certificate.
  std::shared_ptr<const PeerIdentity> identity;
  access::Peer names;  // the same for authorization

  // REQUIRES: the handshake has ended.
  static Peer Of(const tls::Engine& engine);
};

// The element of x-forwarded-client-cert for a certificate, as Envoy makes it:
// "By=spiffe://.../sa/reviews;Hash=...;Subject=\"\";URI=spiffe://.../sa/productpage". `own`: the
// names that we have shown. Bytes that would end a value are percent-encoded.
std::string ForwardedCertificate(const resource::ClientCertificateDetails& details,
                                 const tls::PeerCertificate& peer,
                                 std::span<const tls::SubjectAltName> own);

// Does with the header what `action` says. `certificate` is the element above; empty when the
// client has shown none.
void ForwardCertificate(resource::ClientCertificateDetails::Action action,
                        std::string_view certificate, Headers& headers);

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_PEER_H_
