// ClientContext and ServerContext: everything that the handshakes of one policy share.

#ifndef MESHLIB_TLS_CONTEXT_H_
#define MESHLIB_TLS_CONTEXT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tls/key_pair.h"
#include "tls/peer_verifier.h"
#include "tls/trust_roots.h"

namespace meshlib::tls {

// A value.
struct ClientSettings {
  std::shared_ptr<const KeyPair> identity;  // null: no client certificate
  // Null: any certificate is accepted. Only for what says insecureSkipVerify.
  std::shared_ptr<const TrustRoots> roots;
  std::vector<std::shared_ptr<const PeerVerifier>> verifiers;  // all of them
  std::string sni;                                             // empty: none is sent
  std::vector<std::string> alpn;                               // in order of preference
  std::function<absl::Time()> now;                             // null: the system's clock
};

// A value.
struct ServerSettings {
  std::shared_ptr<const KeyPair> identity;  // required
  std::shared_ptr<const TrustRoots> client_roots;  // null: no client certificate is asked for
  bool require_client_certificate = false;
  std::vector<std::shared_ptr<const PeerVerifier>> verifiers;  // of client certificates
  std::vector<std::string> alpn;  // in the server's order; a client that offers none of them gets none
  std::function<absl::Time()> now;
};

// TLS 1.2 (ECDHE with AEAD) and 1.3; no renegotiation, no early data; chains of at most 10
// certificates and 64 KiB. Keeps sessions for resumption: a session is used only with the context
// that it was made with, so that changed roots or names are never bypassed. Thread-safe.
class ClientContext final {
 public:
  static absl::StatusOr<std::shared_ptr<const ClientContext>> Create(ClientSettings settings);
  ~ClientContext();
  const ClientSettings& settings() const;

  struct Parts;  // for this folder
  Parts& parts() const { return *parts_; }

 private:
  explicit ClientContext(std::unique_ptr<Parts> parts);
  const std::unique_ptr<Parts> parts_;
};

// As ClientContext. Thread-safe.
class ServerContext final {
 public:
  static absl::StatusOr<std::shared_ptr<const ServerContext>> Create(ServerSettings settings);
  ~ServerContext();
  const ServerSettings& settings() const;

  struct Parts;  // for this folder
  Parts& parts() const { return *parts_; }

 private:
  explicit ServerContext(std::unique_ptr<Parts> parts);
  const std::unique_ptr<Parts> parts_;
};

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_CONTEXT_H_
