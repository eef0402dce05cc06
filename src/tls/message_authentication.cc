// SPDX-License-Identifier: Apache-2.0
#include "tls/message_authentication.h"

#include <openssl/digest.h>
#include <openssl/hmac.h>
#include <openssl/mem.h>
#include <openssl/sha.h>

#include <cstdint>

namespace meshlib::tls {

std::string HmacSha256(std::string_view key, std::string_view message) {
  std::string mac(SHA256_DIGEST_LENGTH, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), key.size(), reinterpret_cast<const uint8_t*>(message.data()),
       message.size(), reinterpret_cast<uint8_t*>(mac.data()), &size);
  return mac;
}

bool ConstantTimeEquals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace meshlib::tls
