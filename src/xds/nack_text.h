// SPDX-License-Identifier: Apache-2.0
// NackText: problems as they may be written into a NACK.

#ifndef MESHLIB_XDS_NACK_TEXT_H_
#define MESHLIB_XDS_NACK_TEXT_H_

#include <algorithm>
#include <string>
#include <string_view>

namespace meshlib::xds {

// A string field holds UTF-8, or the server cannot read the request; what a rejected resource is
// quoted with may be any bytes.
inline std::string NackText(std::string_view problems) {
  std::string ascii(problems);
  std::replace_if(
      ascii.begin(), ascii.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; },
      '?');
  return ascii;
}

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_NACK_TEXT_H_
