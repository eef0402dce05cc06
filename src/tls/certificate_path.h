// SPDX-License-Identifier: Apache-2.0
// The path of a peer's certificates to trusted roots (RFC 5280 section 6). For this folder.

#ifndef MESHLIB_TLS_CERTIFICATE_PATH_H_
#define MESHLIB_TLS_CERTIFICATE_PATH_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tls/certificate_list.h"
#include "tls/trust_roots.h"

namespace meshlib::tls {

enum class PeerRole : uint8_t { kServer, kClient };

// A value.
struct PathVerdict {
  absl::Status status =
      absl::OkStatus();  // why there is no path, and which certificate is to blame
  uint8_t alert = 0;     // if so, what the peer is told
  // Otherwise when all of the path is valid, the root included.
  absl::Time not_before = absl::InfinitePast();
  absl::Time not_after = absl::InfiniteFuture();
};

// `chain`, leaf first, may be out of order behind the leaf. REQUIRES: it is not empty.
// Cost: bounded by the ten certificates of a path.
PathVerdict VerifyPath(const CertificateList& chain, const TrustRoots& roots, PeerRole role,
                       absl::Time now);

inline constexpr size_t kMaxChain = 10;

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_CERTIFICATE_PATH_H_
