// SPDX-License-Identifier: Apache-2.0
// PeerIdentity: who is at the other end of a connection.

#ifndef MESHLIB_PEER_IDENTITY_H_
#define MESHLIB_PEER_IDENTITY_H_

#include <string>
#include <vector>

#include "meshlib/export.h"

namespace meshlib {

// What the verified certificate of a peer says. A value.
struct MESHLIB_EXPORT PeerIdentity {
  // "spiffe://cluster.local/ns/default/sa/reviews"; empty when the certificate has none.
  std::string spiffe_id{};
  std::vector<std::string> uris{};       // subjectAltNames of type URI
  std::vector<std::string> dns_names{};  // subjectAltNames of type DNS
  std::string subject{};                 // RFC 2253
  std::string certificate_sha256{};      // of the DER, in lower-case hexadecimal

  friend bool operator==(const PeerIdentity&, const PeerIdentity&) = default;
};

}  // namespace meshlib

#endif  // MESHLIB_PEER_IDENTITY_H_
