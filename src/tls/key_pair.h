// KeyPair: a certificate chain with the private key of its leaf.

#ifndef MESHLIB_TLS_KEY_PAIR_H_
#define MESHLIB_TLS_KEY_PAIR_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace meshlib::tls {

// Immutable; share freely.
class KeyPair final {
 public:
  // PEM texts: the chain leaf first, and one unencrypted key (PKCS #8, SEC1 or PKCS #1).
  // `source` is named in errors ("/etc/certs/cert-chain.pem and key.pem").
  // INVALID_ARGUMENT: nothing to read, garbage, an encrypted key, or a key of another certificate.
  static absl::StatusOr<std::shared_ptr<const KeyPair>> FromPem(std::string_view chain_pem,
                                                                std::string_view key_pem,
                                                                std::string_view source);
  ~KeyPair();

  absl::Time not_before() const;
  absl::Time not_after() const;
  // "CN=..., URI spiffe://..." of the leaf, for people.
  const std::string& description() const;

  struct Parts;  // for this folder
  const Parts& parts() const { return *parts_; }

 private:
  explicit KeyPair(std::unique_ptr<Parts> parts);
  const std::unique_ptr<Parts> parts_;
};

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_KEY_PAIR_H_
