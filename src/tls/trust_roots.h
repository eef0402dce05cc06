// SPDX-License-Identifier: Apache-2.0
// TrustRoots: the certificates that a chain must end in.

#ifndef MESHLIB_TLS_TRUST_ROOTS_H_
#define MESHLIB_TLS_TRUST_ROOTS_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace meshlib::tls {

// Immutable; share freely.
class TrustRoots final {
 public:
  // One or more PEM certificates. INVALID_ARGUMENT that names `source`: none, or garbage.
  static absl::StatusOr<std::shared_ptr<const TrustRoots>> FromPem(std::string_view pem,
                                                                   std::string_view source);
  // The same of a file; also NOT_FOUND and PERMISSION_DENIED.
  static absl::StatusOr<std::shared_ptr<const TrustRoots>> FromFile(const std::string& path);
  ~TrustRoots();
  size_t size() const;

  struct Parts;  // for this folder
  const Parts& parts() const { return *parts_; }

 private:
  explicit TrustRoots(std::unique_ptr<Parts> parts);
  const std::unique_ptr<Parts> parts_;
};

// The roots of each SPIFFE trust domain ("cluster.local").
using SpiffeBundles = std::map<std::string, std::shared_ptr<const TrustRoots>, std::less<>>;

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_TRUST_ROOTS_H_
