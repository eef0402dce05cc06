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

bool Has(char c, CharClass wanted) {
  return (kClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

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

// The position of the colon before the port; npos when there is none.
size_t PortColon(std::string_view text) {
  const size_t colon = text.rfind(':');
  const size_t bracket = text.rfind(']');
  return colon != std::string_view::npos && bracket != std::string_view::npos && colon < bracket
             ? std::string_view::npos
             : colon;
}

}  // namespace

size_t FindControl(std::string_view text) {
  size_t i = 0;
#ifdef __SSE2__
  const __m128i highest_control = _mm_set1_epi8(0x1f);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7f);
  for (; i + 16 <= text.size(); i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, highest_control), bytes);
    const __m128i found =
        _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), low), _mm_cmpeq_epi8(bytes, del));
    const int mask = _mm_movemask_epi8(found);
    if (mask != 0) return i + static_cast<size_t>(std::countr_zero(static_cast<unsigned>(mask)));
  }
#endif
  while (i < text.size() && !IsControl(text[i])) ++i;
  return i;
}

bool IsToken(std::string_view text) {
  uint8_t all = kToken;
  for (const char c : text) all &= kClasses[static_cast<unsigned char>(c)];
  return all != 0 && !text.empty();
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
  const size_t colon = PortColon(text);
  const std::string_view host = text.substr(0, colon);
  if (colon != std::string_view::npos && !IsDigits(text.substr(colon + 1))) return false;
  if (host.empty()) return text.empty();
  return host.front() == '[' ? IsIpLiteral(host) : IsEncoded(host, kHostChar);
}

bool IsHostPort(std::string_view text) {
  const size_t colon = PortColon(text);
  return colon != std::string_view::npos && colon + 1 < text.size() && IsHost(text);
}

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
