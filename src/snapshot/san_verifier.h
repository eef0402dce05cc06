// SPDX-License-Identifier: Apache-2.0
// SanVerifier(): the names that a peer's certificate must have one of.

#ifndef MESHLIB_SNAPSHOT_SAN_VERIFIER_H_
#define MESHLIB_SNAPSHOT_SAN_VERIFIER_H_

#include <memory>
#include <string>
#include <vector>

#include "resource/tls_context.h"
#include "tls/peer_verifier.h"

namespace meshlib::snapshot {

// Accepts a peer one of whose subjectAltNames, of the type that a matcher is for, matches it.
// Matchers without a type are for DNS, URI, e-mail and IP names (match_subject_alt_names). Names
// are compared byte by byte, but for an exact matcher and a DNS name: case does not matter there,
// and the name may have "*" as its first label (Envoy, RFC 6125).
std::shared_ptr<const tls::PeerVerifier> SanVerifier(std::vector<resource::SanMatcher> matchers);

// "exact spiffe://a, DNS suffix .b".
std::string Describe(const std::vector<resource::SanMatcher>& matchers);

}  // namespace meshlib::snapshot

#endif  // MESHLIB_SNAPSHOT_SAN_VERIFIER_H_
