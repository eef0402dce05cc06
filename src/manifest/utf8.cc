// SPDX-License-Identifier: Apache-2.0
#include "manifest/utf8.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/str_format.h"

namespace meshlib::manifest {
namespace {

struct Sequence {
  size_t length = 0;  // 0: not a first byte
  uint32_t least = 0;
};

Sequence SequenceOf(uint8_t first) {
  if (first < 0x80) return {1, 0};
  if (first >= 0xC2 && first < 0xE0) return {2, 0x80};
  if (first >= 0xE0 && first < 0xF0) return {3, 0x800};
  if (first >= 0xF0 && first < 0xF5) return {4, 0x10000};
  return {};
}

// The length of the character at the front of `text`, or 0.
size_t CharacterLength(std::string_view text) {
  const auto first = static_cast<uint8_t>(text.front());
  const Sequence sequence = SequenceOf(first);
  if (sequence.length <= 1) return sequence.length;
  if (text.size() < sequence.length) return 0;
  uint32_t code = first & (0x7Fu >> sequence.length);
  for (size_t i = 1; i < sequence.length; ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if ((byte & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte & 0x3Fu);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code < sequence.least || code > 0x10FFFF || surrogate ? 0 : sequence.length;
}

Position PositionOf(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const size_t line_start = before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(offset - line_start) + 1};
}

bool IsControl(char c) {
  const auto byte = static_cast<uint8_t>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

}  // namespace

std::optional<YamlError> FirstBadByte(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    if (IsControl(text[at])) {
      return YamlError{PositionOf(text, at),
                       absl::StrFormat("the text has a control character, 0x%02X",
                                       static_cast<uint8_t>(text[at]))};
    }
    const size_t length = CharacterLength(text.substr(at));
    if (length == 0) {
      return YamlError{PositionOf(text, at), absl::StrFormat("the text is not UTF-8: byte 0x%02X",
                                                             static_cast<uint8_t>(text[at]))};
    }
    at += length;
  }
  return std::nullopt;
}

}  // namespace meshlib::manifest
