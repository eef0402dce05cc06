// SPDX-License-Identifier: Apache-2.0
// What TrustRoots are made of. For this folder.

#ifndef MESHLIB_TLS_TRUST_ROOTS_PARTS_H_
#define MESHLIB_TLS_TRUST_ROOTS_PARTS_H_

#include <openssl/base.h>
#include <openssl/x509.h>

#include "tls/certificate_list.h"
#include "tls/trust_roots.h"

namespace meshlib::tls {

struct TrustRoots::Parts {
  CertificateList certificates;
  bssl::UniquePtr<X509_STORE> store;  // synchronises itself
};

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_TRUST_ROOTS_PARTS_H_
