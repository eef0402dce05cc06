// SPDX-License-Identifier: Apache-2.0
#include "tls/library_error.h"

#include <openssl/err.h>

namespace meshlib::tls {

std::string TakeLibraryError() {
  std::string text;
  while (const uint32_t error = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(error);
    if (!text.empty()) text += "; ";
    text += reason != nullptr ? reason : "unknown error";
  }
  return text;
}

}  // namespace meshlib::tls
