// SPDX-License-Identifier: Apache-2.0
// The blocks of a PEM text (RFC 7468, and the headers of RFC 1421).

#ifndef MESHLIB_TLS_PEM_H_
#define MESHLIB_TLS_PEM_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace meshlib::tls {

// A value. Its destructor wipes `der`, which may be a private key.
struct PemBlock {
  std::string label;  // "CERTIFICATE"
  std::string der;
  bool encrypted = false;  // then `der` is empty

  PemBlock() = default;
  PemBlock(PemBlock&&) = default;
  PemBlock& operator=(PemBlock&&) = default;
  ~PemBlock();
};

// Text outside of blocks is ignored, as everybody does. INVALID_ARGUMENT names the block: no end,
// or no base64.
absl::StatusOr<std::vector<PemBlock>> ReadPem(std::string_view text);

// The whole file. NOT_FOUND, PERMISSION_DENIED or INVALID_ARGUMENT that name `path`.
absl::StatusOr<std::string> ReadPemFile(const std::string& path);

// Overwrites the bytes of a secret.
void Wipe(std::string* secret);

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_PEM_H_
