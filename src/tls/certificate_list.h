// SPDX-License-Identifier: Apache-2.0
// The certificates of a PEM text. For this folder.

#ifndef MESHLIB_TLS_CERTIFICATE_LIST_H_
#define MESHLIB_TLS_CERTIFICATE_LIST_H_

#include <openssl/base.h>
#include <openssl/pool.h>
#include <openssl/x509.h>

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace meshlib::tls {

using CertificateList = std::vector<bssl::UniquePtr<X509>>;

// At least one, in order. Blocks that are no certificates are passed over. INVALID_ARGUMENT: none,
// or one that does not decode.
absl::StatusOr<CertificateList> ReadCertificates(std::string_view pem);

// Null when there is no memory.
bssl::UniquePtr<CRYPTO_BUFFER> BufferOf(X509& certificate);

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_CERTIFICATE_LIST_H_
