// SPDX-License-Identifier: Apache-2.0
// PeerCheck: whether a context's peers are who they must be. For this folder.

#ifndef MESHLIB_TLS_PEER_CHECK_H_
#define MESHLIB_TLS_PEER_CHECK_H_

#include <openssl/base.h>
#include <openssl/pool.h>
#include <openssl/stack.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tls/certificate_path.h"
#include "tls/peer_certificate.h"
#include "tls/peer_verifier.h"
#include "tls/trust_roots.h"
#include "tls/verified_chains.h"

namespace meshlib::tls {

// A value.
struct PeerPolicy {
  PeerRole role = PeerRole::kServer;
  std::shared_ptr<const TrustRoots> roots;
  std::shared_ptr<const SpiffeBundles> bundles;  // instead of roots
  std::vector<std::shared_ptr<const PeerVerifier>> verifiers;
};

// Paths that were found valid are remembered with the time until which they are: the policy does
// not change, so that the same certificates have the same path again. Verifiers are asked every
// time. Thread-safe.
class PeerCheck final {
 public:
  explicit PeerCheck(PeerPolicy policy);

  struct Verdict {
    absl::Status status = absl::OkStatus();  // why the peer is refused
    uint8_t alert = 0;                       // if so
    std::shared_ptr<const VerifiedChain> chain = nullptr;
  };
  // `chain` is what the peer has shown, leaf first.
  Verdict Check(const STACK_OF(CRYPTO_BUFFER) * chain, absl::Time now);

 private:
  Verdict CheckPath(const STACK_OF(CRYPTO_BUFFER) & chain, absl::Time now) const;

  const PeerPolicy policy_;
  VerifiedChains verified_;
};

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_PEER_CHECK_H_
