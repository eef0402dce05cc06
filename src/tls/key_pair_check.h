// SPDX-License-Identifier: Apache-2.0
// CheckKeyPair: what peers will think of a KeyPair.

#ifndef MESHLIB_TLS_KEY_PAIR_CHECK_H_
#define MESHLIB_TLS_KEY_PAIR_CHECK_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tls/key_pair.h"
#include "tls/peer_certificate.h"
#include "tls/trust_roots.h"

namespace meshlib::tls {

// The leaf, when its chain leads to `roots` at `now` and it may serve as an end of a connection;
// otherwise the reason that peers with these roots would have for refusing it.
absl::StatusOr<PeerCertificate> CheckKeyPair(const KeyPair& pair, const TrustRoots& roots,
                                             absl::Time now);

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_KEY_PAIR_CHECK_H_
