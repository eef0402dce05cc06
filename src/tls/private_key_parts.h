// SPDX-License-Identifier: Apache-2.0
// What a PrivateKey is made of. For this folder.

#ifndef MESHLIB_TLS_PRIVATE_KEY_PARTS_H_
#define MESHLIB_TLS_PRIVATE_KEY_PARTS_H_

#include <openssl/base.h>
#include <openssl/evp.h>

#include "tls/private_key.h"

namespace meshlib::tls {

struct PrivateKey::Parts {
  bssl::UniquePtr<EVP_PKEY> key;
};

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_PRIVATE_KEY_PARTS_H_
