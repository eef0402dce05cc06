// SPDX-License-Identifier: Apache-2.0
// What a failure of BoringSSL means to people. For this folder.

#ifndef MESHLIB_TLS_HANDSHAKE_ERROR_H_
#define MESHLIB_TLS_HANDSHAKE_ERROR_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace meshlib::tls {

// "certificate_required" (RFC 8446 section 6), "alert 200" when unknown.
std::string_view AlertName(uint8_t alert);

// Empties this thread's error queue into a cause. `first` are the peer's first bytes.
// UNAUTHENTICATED: certificates are to blame, here or there. UNAVAILABLE: anything else.
absl::Status TakeProtocolError(std::string_view first);

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_HANDSHAKE_ERROR_H_
