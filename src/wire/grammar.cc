// SPDX-License-Identifier: Apache-2.0
#include "wire/grammar.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace meshlib::wire {
namespace {

enum CharClass : uint8_t { kToken = 1, kHostChar = 2, kTarget = 4 };

constexpr bool IsAlnum(int c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> classes{};
  const auto add = [&](std::string_view chars, uint8_t bits) {
    for (const char c : chars) classes[static_cast<unsigned char>(c)] |= bits;
  };
  for (size_t c = 0; c < classes.size(); ++c) {
    if (IsAlnum(static_cast<int>(c))) classes[c] = kToken | kHostChar | kTarget;
  }
  add("!#$%&'*+-.^_`|~", kToken);
  add("-._~!$&'()*+,;=", kHostChar);
  add("-._~!$&'()*+,;=:@/?[]^`{|}", kTarget);  // % apart
  return classes;
}

constexpr std::array<uint8_t, 256> kClasses = MakeClasses();

// Token characters in lower case; 0 for others.
constexpr std::array<char, 256> MakeLowerTokens() {
  std::array<char, 256> lower{};
  for (size_t c = 0; c < lower.size(); ++c) {
    if ((kClasses[c] & kToken) == 0) continue;
    lower[c] = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  }
  return lower;
}

constexpr std::array<char, 256> kLowerToken = MakeLowerTokens();

bool Has(char c, CharClass wanted) {
  return (kClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

#ifdef __SSE2__
constexpr size_t kBlock = sizeof(__m128i);

__m128i LoadBlock(const char* bytes) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
}

__m128i IsBetween(__m128i bytes, char first, char last) {
  const __m128i above = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
  const __m128i most = _mm_set1_epi8(static_cast<char>(last - first));
  return _mm_cmpeq_epi8(_mm_min_epu8(above, most), above);
}

// Letters in lower case; digits and "-" as they are.
__m128i LowerBlock(__m128i bytes) { return _mm_or_si128(bytes, _mm_set1_epi8(0x20)); }

// How many bytes at the front are letters, digits or "-", of which nearly all names consist.
size_t PlainSize(__m128i bytes) {
  const __m128i plain =
      _mm_or_si128(_mm_or_si128(IsBetween(LowerBlock(bytes), 'a', 'z'), IsBetween(bytes, '0', '9')),
                   _mm_cmpeq_epi8(bytes, _mm_set1_epi8('-')));
  return static_cast<size_t>(std::countr_one(static_cast<unsigned>(_mm_movemask_epi8(plain))));
}

// One bit for each control byte but HTAB.
unsigned ControlsOf(__m128i bytes) {
  const __m128i tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
  const __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
  const __m128i low = IsBetween(bytes, 0, 0x1f);
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, low), del)));
}
#endif

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

// Whether `text` consists of characters of that class and of %XX.
bool IsEncoded(std::string_view text, CharClass wanted) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (Has(text[i], wanted)) continue;
    if (text[i] != '%' || i + 2 >= text.size()) return false;
    if (HexDigit(text[i + 1]) < 0 || HexDigit(text[i + 2]) < 0) return false;
    i += 2;
  }
  return true;
}

bool IsDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// [...] of the right characters: who connects to it finds out about the rest.
bool IsIpLiteral(std::string_view text) {
  return text.size() > 2 && text.front() == '[' && text.back() == ']' &&
         std::all_of(text.begin() + 1, text.end() - 1,
                     [](char c) { return Has(c, kHostChar) || c == ':' || c == '%'; });
}

// The size of the host at the front of `text`: what follows is a port, or wrong.
size_t HostSize(std::string_view text) {
  if (text.starts_with('[')) {
    const size_t size = std::min(text.find(']'), text.size() - 1) + 1;
    return IsIpLiteral(text.substr(0, size)) ? size : 0;
  }
  size_t size = 0;
  while (size < text.size() && (Has(text[size], kHostChar) || text[size] == '%')) ++size;
  return text.substr(0, size).find('%') == std::string_view::npos ||
                 IsEncoded(text.substr(0, size), kHostChar)
             ? size
             : 0;
}

}  // namespace

size_t FindControl(std::string_view text) {
#ifdef __SSE2__
  if (text.size() >= kBlock) {
    // The last block overlaps the one before, so that there is no rest.
    const size_t last = text.size() - kBlock;
    for (size_t i = 0;; i = std::min(i + kBlock, last)) {
      const unsigned found = ControlsOf(LoadBlock(text.data() + i));
      if (found != 0) return i + static_cast<size_t>(std::countr_zero(found));
      if (i == last) return text.size();
    }
  }
#endif
  size_t i = 0;
  while (i < text.size() && !IsControl(text[i])) ++i;
  return i;
}

size_t TakeLowerToken(std::string_view text, std::span<char> lower) {
  const size_t most = std::min(text.size(), lower.size());
  size_t size = 0;
#ifdef __SSE2__
  for (size_t plain = kBlock; plain == kBlock && size + kBlock <= most; size += plain) {
    const __m128i bytes = LoadBlock(text.data() + size);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(lower.data() + size), LowerBlock(bytes));
    plain = PlainSize(bytes);
  }
#endif
  for (; size < most; ++size) {
    const char c = kLowerToken[static_cast<unsigned char>(text[size])];
    if (c == 0) break;
    lower[size] = c;
  }
  return size;
}

bool IsToken(std::string_view text) {
  size_t size = 0;
#ifdef __SSE2__
  for (size_t plain = kBlock; plain == kBlock && size + kBlock <= text.size(); size += plain) {
    plain = PlainSize(LoadBlock(text.data() + size));
  }
#endif
  while (size < text.size() && Has(text[size], kToken)) ++size;
  return size == text.size() && !text.empty();
}

bool EqualsIgnoreCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c) != lower[i]) return false;
  }
  return true;
}

std::string_view TrimSpace(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool IsHost(std::string_view text) {
  const size_t size = HostSize(text);
  if (size == text.size()) return true;
  return size > 0 && text[size] == ':' && IsDigits(text.substr(size + 1));
}

bool IsHostPort(std::string_view text) { return IsHost(text) && HostSize(text) + 1 < text.size(); }

bool IsPathQuery(std::string_view text) { return IsEncoded(text, kTarget); }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string_view NextElement(std::string_view* list) {
  const size_t comma = list->find(',');
  const std::string_view element = TrimSpace(list->substr(0, comma));
  list->remove_prefix(comma == std::string_view::npos ? list->size() : comma + 1);
  return element;
}

}  // namespace meshlib::wire
