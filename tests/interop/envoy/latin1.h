// SPDX-License-Identifier: Apache-2.0
// Latin-1 in JSON: every code point is a byte.

#ifndef MESHLIB_TESTS_INTEROP_ENVOY_LATIN1_H_
#define MESHLIB_TESTS_INTEROP_ENVOY_LATIN1_H_

#include <string>
#include <string_view>

namespace meshlib {

inline std::string BytesOf(const std::string& utf8) {
  std::string bytes;
  for (size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    if (c < 0x80 || i + 1 == utf8.size()) {
      bytes.push_back(utf8[i]);
    } else {
      ++i;
      bytes.push_back(static_cast<char>((c << 6) | (static_cast<unsigned char>(utf8[i]) & 0x3f)));
    }
  }
  return bytes;
}

inline std::string Utf8Of(std::string_view bytes) {
  std::string utf8;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      utf8.push_back(c);
    } else {
      utf8.push_back(static_cast<char>(0xc0 | (byte >> 6)));
      utf8.push_back(static_cast<char>(0x80 | (byte & 0x3f)));
    }
  }
  return utf8;
}

}  // namespace meshlib

#endif  // MESHLIB_TESTS_INTEROP_ENVOY_LATIN1_H_
