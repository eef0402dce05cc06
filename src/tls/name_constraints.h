// SPDX-License-Identifier: Apache-2.0
// What BoringSSL leaves out of name constraints (RFC 5280 section 4.2.1.10). For this folder.

#ifndef MESHLIB_TLS_NAME_CONSTRAINTS_H_
#define MESHLIB_TLS_NAME_CONSTRAINTS_H_

#include <openssl/base.h>
#include <openssl/x509.h>

#include "absl/status/status.h"

namespace meshlib::tls {

// Not OK: a wildcard of the leaf ("*.example.com") stands for a name that an authority of `path`
// excludes ("secret.example.com"). `path` begins with the leaf.
absl::Status CheckWildcards(const STACK_OF(X509) & path);

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_NAME_CONSTRAINTS_H_
