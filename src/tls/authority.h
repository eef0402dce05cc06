// SPDX-License-Identifier: Apache-2.0
// Authority: a self-signed root that issues the leaves of a mesh.

#ifndef MESHLIB_TLS_AUTHORITY_H_
#define MESHLIB_TLS_AUTHORITY_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tls/peer_certificate.h"
#include "tls/private_key.h"

namespace meshlib::tls {

// What an Authority says in a leaf. A value.
struct LeafOptions {
  std::vector<SubjectAltName> names;  // DNS, URI and IP address; all of them, critical
  absl::Time not_before;
  absl::Time not_after;
};

// A P-256 key and its root certificate. Immutable; share freely.
class Authority final {
 public:
  // A new one. `organization` ("cluster.local") is all of the root's subject.
  static absl::StatusOr<std::shared_ptr<const Authority>> Generate(std::string_view organization,
                                                                   absl::Time not_before,
                                                                   absl::Time not_after);
  // What ToPem() made; `source` is named in errors. INVALID_ARGUMENT: not a certificate of an
  // authority with its own key.
  static absl::StatusOr<std::shared_ptr<const Authority>> FromPem(std::string_view pem,
                                                                  std::string_view source);
  ~Authority();

  // PEM of a leaf with the public key of the PEM request, whose own names do not count: an empty
  // subject, digitalSignature, serverAuth and clientAuth. INVALID_ARGUMENT: the request does not
  // decode, is not signed by its key, or the key is weak.
  absl::StatusOr<std::string> Sign(std::string_view request_pem, const LeafOptions& options) const;
  // The same for a key of this process.
  absl::StatusOr<std::string> SignKey(const PrivateKey& key, const LeafOptions& options) const;

  // The root certificate.
  const std::string& root_pem() const;
  absl::Time not_after() const;
  // Certificate and private key, for a file that only its owner can read.
  std::string ToPem() const;
  // 32 bytes that only who has the private key can know; others for every `purpose`.
  absl::StatusOr<std::string> DeriveSecret(std::string_view purpose) const;

  struct Parts;  // for this folder

 private:
  explicit Authority(std::unique_ptr<Parts> parts);
  const std::unique_ptr<Parts> parts_;
};

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_AUTHORITY_H_
