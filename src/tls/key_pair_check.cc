// SPDX-License-Identifier: Apache-2.0
#include "tls/key_pair_check.h"

#include <openssl/x509.h>

#include "absl/status/status.h"
#include "tls/certificate.h"
#include "tls/certificate_list.h"
#include "tls/certificate_path.h"
#include "tls/key_pair_parts.h"

namespace meshlib::tls {

absl::StatusOr<PeerCertificate> CheckKeyPair(const KeyPair& pair, const TrustRoots& roots,
                                             absl::Time now) {
  CertificateList chain;
  for (const auto& buffer : pair.parts().chain) {
    chain.emplace_back(X509_parse_from_buffer(buffer.get()));
    if (chain.back() == nullptr) return absl::InvalidArgumentError("certificate does not decode");
  }
  if (chain.empty()) return absl::InvalidArgumentError("there is no certificate");
  for (const PeerRole role : {PeerRole::kServer, PeerRole::kClient}) {
    const PathVerdict verdict = VerifyPath(chain, roots, role, now);
    if (!verdict.status.ok()) return verdict.status;
  }
  return ReadCertificate(*chain.front());
}

}  // namespace meshlib::tls
