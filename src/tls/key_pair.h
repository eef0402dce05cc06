// SPDX-License-Identifier: Apache-2.0
// KeyPair: a certificate chain with the private key of its leaf.

#ifndef MESHLIB_TLS_KEY_PAIR_H_
#define MESHLIB_TLS_KEY_PAIR_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tls/peer_certificate.h"

namespace meshlib::tls {

class PrivateKey;

// Immutable; share freely.
class KeyPair final {
 public:
  // PEM texts: the chain leaf first, and one unencrypted key (PKCS #8, SEC1 or PKCS #1).
  // `source` is named in errors ("/etc/certs/cert-chain.pem and key.pem").
  // INVALID_ARGUMENT: nothing to read, garbage, an encrypted key, or a key of another certificate.
  static absl::StatusOr<std::shared_ptr<const KeyPair>> FromPem(std::string_view chain_pem,
                                                                std::string_view key_pem,
                                                                std::string_view source);
  // The same of two files; also NOT_FOUND and PERMISSION_DENIED.
  static absl::StatusOr<std::shared_ptr<const KeyPair>> FromFiles(const std::string& chain_path,
                                                                  const std::string& key_path);
  // The same of a key that never was a text. `source` as in FromPem().
  static absl::StatusOr<std::shared_ptr<const KeyPair>> FromKey(std::string_view chain_pem,
                                                                const PrivateKey& key,
                                                                std::string_view source);
  ~KeyPair();

  absl::Time not_before() const;
  absl::Time not_after() const;
  // "CN=..., URI spiffe://..., issued by CN=..." of the leaf, for people.
  const std::string& description() const;
  // The subjectAltNames of the leaf; empty when they cannot be read.
  const std::vector<SubjectAltName>& names() const;

  struct Parts;  // for this folder
  const Parts& parts() const { return *parts_; }

 private:
  explicit KeyPair(std::unique_ptr<Parts> parts);
  const std::unique_ptr<Parts> parts_;
};

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_KEY_PAIR_H_
