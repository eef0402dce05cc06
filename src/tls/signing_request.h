// SPDX-License-Identifier: Apache-2.0
// Signing requests (PKCS #10, RFC 2986).

#ifndef MESHLIB_TLS_SIGNING_REQUEST_H_
#define MESHLIB_TLS_SIGNING_REQUEST_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tls/private_key.h"

namespace meshlib::tls {

// PEM, signed by `key`: an empty subject and one critical SAN, the URI ("spiffe://...").
absl::StatusOr<std::string> MakeSigningRequest(const PrivateKey& key, std::string_view uri);

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_SIGNING_REQUEST_H_
