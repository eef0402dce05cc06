// SPDX-License-Identifier: Apache-2.0
// ClientContext and ServerContext: everything that the handshakes of one policy share.

#ifndef MESHLIB_TLS_CONTEXT_H_
#define MESHLIB_TLS_CONTEXT_H_

#include <cstdint>
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

enum class ProtocolVersion : uint8_t { kTls12, kTls13 };

// A value.
struct ClientSettings {
  std::string name;  // of the server, for errors: "reviews:443"; empty: the SNI
  std::shared_ptr<const KeyPair> identity;  // null: no client certificate
  // Null: any certificate is accepted. Only for what says insecureSkipVerify.
  std::shared_ptr<const TrustRoots> roots;
  // Instead of `roots`: the server has a SPIFFE ID, and its path ends in the roots of the ID's own
  // trust domain.
  std::shared_ptr<const SpiffeBundles> spiffe_bundles;
  std::vector<std::shared_ptr<const PeerVerifier>> verifiers;  // all of them
  std::string sni;                                             // empty: none is sent
  std::vector<std::string> alpn;                               // in order of preference
  // Connections of contexts with an equal policy may stand for each other, see connection/. Roots
  // and names are in it, the leaf of `identity` is not: a renewed one leaves connections up.
  std::string policy{};
  bool resumes = true;  // false: every handshake is a full one
  ProtocolVersion min_version = ProtocolVersion::kTls12;
  ProtocolVersion max_version = ProtocolVersion::kTls13;
  std::function<absl::Time()> now;  // null: the system's clock
};

// A value.
struct ServerSettings {
  std::string name;  // of the listener, for errors: "0.0.0.0:9080"; may be empty
  std::shared_ptr<const KeyPair> identity;              // required
  std::shared_ptr<const TrustRoots> client_roots;       // null: no client certificate is asked for
  std::shared_ptr<const SpiffeBundles> spiffe_bundles;  // instead of `client_roots`, as above
  bool require_client_certificate = false;
  std::vector<std::shared_ptr<const PeerVerifier>> verifiers;  // of client certificates
  std::vector<std::string>
      alpn;  // in the server's order; a client that offers none of them gets none
  ProtocolVersion min_version = ProtocolVersion::kTls12;
  ProtocolVersion max_version = ProtocolVersion::kTls13;
  std::function<absl::Time()> now;
};

// TLS 1.2 (ECDHE with AEAD) and 1.3; no renegotiation, no early data; chains of at most 10
// certificates and 64 KiB. Keeps sessions for resumption: a session is used only with the context
// that it was made with, so that changed roots or names are never bypassed, and the peer is checked
// again. Keep a context for as long as its settings hold; a new one resumes nothing. Thread-safe.
class ClientContext final {
 public:
  // INVALID_ARGUMENT: an SNI that cannot be sent (an address, a NUL byte, longer than 255 bytes),
  // an ALPN name of 0 or over 255 bytes, both kinds of roots.
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
  // INVALID_ARGUMENT: no identity, an ALPN name as above, both kinds of roots, or a client
  // certificate that is required or verified without any.
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
