// SPDX-License-Identifier: Apache-2.0
// Message authentication (HMAC, RFC 2104).

#ifndef MESHLIB_TLS_MESSAGE_AUTHENTICATION_H_
#define MESHLIB_TLS_MESSAGE_AUTHENTICATION_H_

#include <string>
#include <string_view>

namespace meshlib::tls {

// HMAC-SHA256: 32 bytes.
std::string HmacSha256(std::string_view key, std::string_view message);

// Whether both are the same, in a time that depends on their lengths only.
bool ConstantTimeEquals(std::string_view a, std::string_view b);

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_MESSAGE_AUTHENTICATION_H_
