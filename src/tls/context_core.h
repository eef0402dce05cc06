// SPDX-License-Identifier: Apache-2.0
// ContextCore: what client and server contexts have in common. For this folder.

#ifndef MESHLIB_TLS_CONTEXT_CORE_H_
#define MESHLIB_TLS_CONTEXT_CORE_H_

#include <openssl/base.h>
#include <openssl/bio.h>
#include <openssl/pool.h>
#include <openssl/ssl.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tls/context.h"
#include "tls/key_pair.h"
#include "tls/peer_check.h"
#include "tls/session_cache.h"

namespace meshlib::tls {

// Thread-safe, once set up. Members are destroyed in reverse: sessions hold buffers of the pool.
struct ContextCore {
  explicit ContextCore(PeerPolicy policy) : check(std::move(policy)) {}

  std::function<absl::Time()> now;  // never empty
  std::string subject;              // "TLS to reviews:443"
  std::vector<uint8_t> alpn;        // of the wire: length, name, ...
  PeerCheck check;
  bssl::UniquePtr<BIO_METHOD> bio_method;
  bssl::UniquePtr<CRYPTO_BUFFER_POOL> pool;
  SessionCache sessions;  // of a client
  bssl::UniquePtr<SSL_CTX> context;
};

struct ClientContext::Parts {
  Parts(ClientSettings policy, PeerPolicy peers)
      : settings(std::move(policy)), core(std::move(peers)) {}
  ClientSettings settings;
  ContextCore core;
};

struct ServerContext::Parts {
  Parts(ServerSettings policy, PeerPolicy peers)
      : settings(std::move(policy)), core(std::move(peers)) {}
  ServerSettings settings;
  ContextCore core;
};

struct CoreSettings {
  const KeyPair* identity;  // may be null
  const std::vector<std::string>& alpn;
  ProtocolVersion min_version;
  ProtocolVersion max_version;
  int verify_mode;  // SSL_VERIFY_...
};
// Protocol versions, cipher suites, limits, verification and time.
absl::Status SetUpCore(const CoreSettings& settings, ContextCore* core);

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_CONTEXT_CORE_H_
