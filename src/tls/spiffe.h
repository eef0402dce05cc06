// SPDX-License-Identifier: Apache-2.0
// SPIFFE identities: the ID, and what a certificate must look like to carry one.

#ifndef MESHLIB_TLS_SPIFFE_H_
#define MESHLIB_TLS_SPIFFE_H_

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tls/peer_certificate.h"
#include "tls/peer_verifier.h"

namespace meshlib::tls {

// "spiffe://TRUST_DOMAIN/PATH". A value.
struct SpiffeId {
  std::string trust_domain;
  std::string path;  // with the slash in front; empty: the trust domain itself

  // As the SPIFFE-ID standard, sections 2.1 to 2.3, and nothing beyond it: lower case, no port,
  // user, query, fragment or percent-encoding, no empty or dot segments; at most 2048 bytes.
  static absl::StatusOr<SpiffeId> Parse(std::string_view uri);
  std::string ToString() const;
  friend bool operator==(const SpiffeId&, const SpiffeId&) = default;
};

// The ID of a workload's certificate by the X.509-SVID standard, sections 2 to 5: exactly one URI
// among its names, no authority, key usage critical with digitalSignature and without keyCertSign
// and cRLSign, both extended usages if any. The path to the roots is not looked at.
absl::StatusOr<SpiffeId> ReadSvid(const PeerCertificate& peer);

// Asks for ReadSvid() and, unless `trust_domains` is empty, for an ID in one of them. Contexts
// whose settings have `spiffe_bundles` do this by themselves.
std::shared_ptr<const PeerVerifier> SpiffeVerifier(
    std::set<std::string, std::less<>> trust_domains = {});

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_SPIFFE_H_
