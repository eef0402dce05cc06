// SPDX-License-Identifier: Apache-2.0
// What a KeyPair is made of. For this folder.

#ifndef MESHLIB_TLS_KEY_PAIR_PARTS_H_
#define MESHLIB_TLS_KEY_PAIR_PARTS_H_

#include <openssl/base.h>
#include <openssl/evp.h>
#include <openssl/pool.h>

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tls/key_pair.h"

namespace meshlib::tls {

struct KeyPair::Parts {
  std::vector<bssl::UniquePtr<CRYPTO_BUFFER>> chain;  // leaf first
  bssl::UniquePtr<EVP_PKEY> key;
  absl::Time not_before;
  absl::Time not_after;
  std::string description;
  std::vector<SubjectAltName> names;
};

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_KEY_PAIR_PARTS_H_
