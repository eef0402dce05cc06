// SPDX-License-Identifier: Apache-2.0
// PrivateKey: a key that never leaves the process.

#ifndef MESHLIB_TLS_PRIVATE_KEY_H_
#define MESHLIB_TLS_PRIVATE_KEY_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace meshlib::tls {

// Immutable; share freely.
class PrivateKey final {
 public:
  // A new one on P-256.
  static absl::StatusOr<std::shared_ptr<const PrivateKey>> Generate();
  // Unencrypted PKCS #8, SEC1 or PKCS #1; `source` is named in errors.
  static absl::StatusOr<std::shared_ptr<const PrivateKey>> FromPem(std::string_view pem,
                                                                   std::string_view source);
  ~PrivateKey();

  // PKCS #8, unencrypted: for an owner that was asked to keep it in a file.
  std::string ToPem() const;

  struct Parts;  // for this folder
  const Parts& parts() const { return *parts_; }
  explicit PrivateKey(std::unique_ptr<Parts> parts);  // for this folder

 private:
  const std::unique_ptr<Parts> parts_;
};

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_PRIVATE_KEY_H_
