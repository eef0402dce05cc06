// SPDX-License-Identifier: Apache-2.0
// PeerVerifier: what is asked of a peer's certificate beyond a valid path to the roots.

#ifndef MESHLIB_TLS_PEER_VERIFIER_H_
#define MESHLIB_TLS_PEER_VERIFIER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "tls/peer_certificate.h"

namespace meshlib::tls {

// Called within handshakes, full and resumed ones alike, on any thread. Immutable; share freely.
class PeerVerifier {
 public:
  virtual ~PeerVerifier() = default;
  // Not OK refuses the peer; the text says why, without secrets.
  virtual absl::Status Verify(const PeerCertificate& peer) const = 0;
};

// The certificate is for this host: a DNS name (RFC 6125: no partial wildcards, no common name) or
// an IP address.
std::shared_ptr<const PeerVerifier> HostVerifier(std::string host);

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_PEER_VERIFIER_H_
