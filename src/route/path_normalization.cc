// SPDX-License-Identifier: Apache-2.0
#include "route/path_normalization.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "absl/strings/numbers.h"
#include "base/string_view.h"
#include "route/domain_index.h"

namespace meshlib::route {
namespace {

// Bytes that stand for themselves when they are escaped (RFC 3986 2.3), "." apart.
bool IsUnreserved(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '~';
}

// Bytes that a path must not hold as they are.
bool MustEscape(unsigned char c) {
  return c <= ' ' || c >= 0x7f ||
         std::string_view("\"#<>?^`{|}").find(static_cast<char>(c)) != std::string_view::npos;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Whether NormalizePath() would leave the path as it is: told by a look at each byte, and most are.
bool IsNormal(std::string_view path) {
  bool after_slash = false;
  for (const char c : path) {
    const bool is_dot = c == '.';
    if (c != '/' && !is_dot && !IsUnreserved(static_cast<unsigned char>(c))) return false;
    if (is_dot && after_slash) return false;
    after_slash = c == '/';
  }
  return true;
}

// The byte that "%XX" at `at` stands for.
std::optional<unsigned char> Escaped(std::string_view path, size_t at) {
  if (at + 2 >= path.size() || path[at] != '%') return std::nullopt;
  const int high = HexDigit(path[at + 1]), low = HexDigit(path[at + 2]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<unsigned char>(high * 16 + low);
}

// The size of the dot at `at`, "." or "%2e"; 0 when there is none.
size_t DotSize(std::string_view path, size_t at) {
  if (at < path.size() && path[at] == '.') return 1;
  return Escaped(path, at) == '.' ? 3 : 0;
}

bool IsSlash(std::string_view path, size_t at) {
  return at < path.size() && (path[at] == '/' || path[at] == '\\');
}

void Append(unsigned char c, std::string& out) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  if (MustEscape(c)) {
    out.push_back('%');
    out.push_back(kDigits[c >> 4]);
    out.push_back(kDigits[c & 15]);
  } else {
    out.push_back(static_cast<char>(c));
  }
}

// Takes back the last segment of `out`, which ends with "/".
void BackUp(std::string& out) {
  if (out.size() <= 1) return;
  const size_t slash = out.rfind('/', out.size() - 2);
  if (slash != std::string::npos) out.resize(slash + 1);
}

bool EndsDots(std::string_view path, size_t at) {
  return at == path.size() || IsSlash(path, at) || path[at] == ';';
}

// Consumes a "." or ".." segment at `at`, its parameters ("..;a=b") and its slash included; false
// when it is none. Unlike Envoy, also where the dots are escaped: they would be a dot segment with
// parameters the next time.
bool TakeDotSegment(std::string_view path, size_t& at, std::string& out) {
  if (!out.ends_with('/')) return false;
  size_t end = at + DotSize(path, at);
  if (!EndsDots(path, end)) {
    const size_t second = DotSize(path, end);
    end += second;
    if (second == 0 || !EndsDots(path, end)) return false;
    BackUp(out);
  }
  if (end < path.size() && path[end] == ';') end = std::min(path.find('/', end), path.size());
  at = std::min(end + 1, path.size());
  return true;
}

// An escape that begins with a "%" which was none, and goes on with characters that were escaped
// ("%%34%31"), would be decoded the next time: that "%" becomes "%25", as in googleurl.
void BreakNestedEscape(std::string_view path, size_t next, size_t percent, std::string& out) {
  if (percent == std::string::npos) return;
  const bool is_first = percent + 2 == out.size();
  if (!is_first && percent + 3 != out.size()) return;
  if (HexDigit(out[percent + 1]) < 0) return;
  const char second = is_first ? (next < path.size() ? path[next] : '\0') : out[percent + 2];
  if (HexDigit(second) >= 0) out.insert(percent + 1, "25");
}

// What stands at `at` outside of a dot segment. `percent` is where `out` has the last "%" that
// begins no escape.
void TakeByte(std::string_view path, size_t& at, size_t& percent, std::string& out) {
  const std::optional<unsigned char> escaped = Escaped(path, at);
  if (const size_t dot = DotSize(path, at)) {
    out.push_back('.');
    at += dot;
  } else if (escaped && IsUnreserved(*escaped)) {
    out.push_back(static_cast<char>(*escaped));
    at += 3;
    BreakNestedEscape(path, at, percent, out);
  } else if (escaped) {
    out.append(path.substr(at, 3));
    at += 3;
  } else if (path[at] == '\\') {
    out.push_back('/');
    ++at;
  } else {
    if (path[at] == '%') percent = out.size();
    Append(static_cast<unsigned char>(path[at]), out);
    ++at;
  }
}

}  // namespace

bool NormalizePath(std::string& path) {
  const size_t end = std::min(path.find('?'), path.size());
  const std::string_view old = std::string_view(path).substr(0, end);
  if (IsNormal(old)) return true;
  std::string normal;
  normal.reserve(path.size());
  size_t percent = std::string::npos;
  for (size_t at = 0; at < old.size();) {
    if (old[at] == '\0') return false;
    if (DotSize(old, at) == 0 || !TakeDotSegment(old, at, normal)) {
      TakeByte(old, at, percent, normal);
    }
  }
  normal.append(path, end);
  path = std::move(normal);
  return true;
}

// As Envoy, a path of nothing but slashes keeps two: the first and the last.
void MergeSlashes(std::string& path) {
  const size_t end = std::min(path.find('?'), path.size());
  std::string merged;
  merged.reserve(path.size());
  for (size_t at = 0; at < end; ++at) {
    if (path[at] != '/' || !merged.ends_with('/')) merged.push_back(path[at]);
  }
  if (merged == "/" && end > 1) merged.push_back('/');
  merged.append(path, end);
  path = std::move(merged);
}

bool UnescapeSlashes(std::string& path) {
  const size_t end = std::min(path.find('?'), path.size());
  std::string plain;
  plain.reserve(path.size());
  for (size_t at = 0; at < end;) {
    const std::optional<unsigned char> escaped = Escaped(std::string_view(path).substr(0, end), at);
    const bool is_slash = escaped == '/' || escaped == '\\';
    plain.push_back(is_slash ? static_cast<char>(*escaped) : path[at]);
    at += is_slash ? 3 : 1;
  }
  plain.append(path, end);
  const bool changed = plain.size() != path.size();
  path = std::move(plain);
  return changed;
}

bool ApplyPathSettings(const resource::HttpSettings& settings, std::string& path, bool* redirect) {
  bool redirected = false;
  if (settings.escaped_slashes != resource::EscapedSlashes::kKeep && UnescapeSlashes(path)) {
    if (settings.escaped_slashes == resource::EscapedSlashes::kReject) return false;
    redirected = settings.escaped_slashes == resource::EscapedSlashes::kUnescapeAndRedirect;
  }
  if (settings.normalize_path && !NormalizePath(path)) return false;
  if (settings.merge_slashes) MergeSlashes(path);
  if (redirected && redirect != nullptr) *redirect = true;
  return !redirected;
}

void ApplyAuthoritySettings(const resource::HttpSettings& settings, uint16_t port,
                            std::string& authority) {
  if (settings.strip_trailing_host_dot) {
    const size_t dot = authority.rfind('.');
    const bool is_last =
        dot != std::string::npos && (dot + 1 == authority.size() || authority[dot + 1] == ':');
    if (is_last) authority.erase(dot, 1);
  }
  if (!settings.strip_any_host_port && !settings.strip_matching_host_port) return;
  const size_t colon = PortStart(authority);
  uint32_t number = 0;
  if (colon != std::string::npos &&
      absl::SimpleAtoi(base::AbslView(std::string_view(authority).substr(colon + 1)), &number) &&
      (settings.strip_any_host_port || number == port)) {
    authority.resize(colon);
  }
}

}  // namespace meshlib::route
