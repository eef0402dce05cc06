// SPDX-License-Identifier: Apache-2.0
// VerifiedChains: what a context remembers of the chains that it has verified. For this folder.

#ifndef MESHLIB_TLS_VERIFIED_CHAINS_H_
#define MESHLIB_TLS_VERIFIED_CHAINS_H_

#include <map>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "base/mutex.h"
#include "tls/peer_certificate.h"

namespace meshlib::tls {

// A value.
struct VerifiedChain {
  PeerCertificate peer;
  absl::Time not_before;
  absl::Time not_after;
};

// Keyed by a hash of the whole chain; at most some hundred, the less used of which go first.
// Thread-safe.
class VerifiedChains final {
 public:
  // Null: unknown.
  std::shared_ptr<const VerifiedChain> Find(const std::string& hash);
  void Insert(const std::string& hash, std::shared_ptr<const VerifiedChain> chain);

 private:
  using Generation = std::map<std::string, std::shared_ptr<const VerifiedChain>>;

  base::Mutex mutex_;
  // Used since the last change of generations, and before it.
  Generation young_ ABSL_GUARDED_BY(mutex_);
  Generation old_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_VERIFIED_CHAINS_H_
