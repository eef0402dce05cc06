// SPDX-License-Identifier: Apache-2.0
// SessionCache: what a ClientContext can resume. For this folder.

#ifndef MESHLIB_TLS_SESSION_CACHE_H_
#define MESHLIB_TLS_SESSION_CACHE_H_

#include <openssl/base.h>
#include <openssl/ssl.h>

#include <cstddef>
#include <deque>

#include "absl/time/time.h"
#include "base/mutex.h"

namespace meshlib::tls {

// Some newest sessions. Tickets of TLS 1.3 are used once (RFC 8446 appendix C.4). Thread-safe.
class SessionCache final {
 public:
  // `until`: the certificates that it stands for are valid.
  void Put(bssl::UniquePtr<SSL_SESSION> session, absl::Time until);
  // The newest one; null: none.
  bssl::UniquePtr<SSL_SESSION> Take(absl::Time now);

 private:
  struct Entry {
    bssl::UniquePtr<SSL_SESSION> session;
    absl::Time until;
  };

  base::Mutex mutex_;
  std::deque<Entry> sessions_ ABSL_GUARDED_BY(mutex_);  // newest last
};

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_SESSION_CACHE_H_
