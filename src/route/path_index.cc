// SPDX-License-Identifier: Apache-2.0
#include "route/path_index.h"

#include <utility>

#include "re2/re2.h"

namespace meshlib::route {
namespace {

using resource::PathMatcher;

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
         c == '-' || c == '_' || c == '~' || c == '=' || c == ',' || c == ';' || c == ':' ||
         c == '@' || c == '%' || c == '&' || c == '!' || c == '\'' || c == '"' || c == '<' ||
         c == '>' || c == '#';
}

bool IsEscapedPunctuation(std::string_view pattern, size_t at) {
  static constexpr std::string_view kPunctuation = ".-+*?()[]{}|^$/\\";
  return pattern[at] == '\\' && at + 1 < pattern.size() &&
         kPunctuation.find(pattern[at + 1]) != std::string_view::npos;
}

}  // namespace

std::string LiteralPrefix(std::string_view pattern) {
  // An alternative at the top level begins differently. One within a group comes after the prefix,
  // but to tell the two apart is not worth it.
  if (pattern.find('|') != std::string_view::npos) return "";
  std::string prefix;
  for (size_t at = 0; at < pattern.size();) {
    const bool escaped = IsEscapedPunctuation(pattern, at);
    if (!escaped && !IsPlain(pattern[at])) break;
    const size_t next = at + (escaped ? 2 : 1);
    // What may be repeated may be absent.
    if (next < pattern.size() &&
        std::string_view("*?{+").find(pattern[next]) != std::string_view::npos) {
      break;
    }
    prefix.push_back(pattern[next - 1]);
    at = next;
  }
  return prefix;
}

PathIndex::PathIndex(const std::vector<resource::Route>& routes)
    : end_(static_cast<uint32_t>(routes.size())) {
  std::vector<std::pair<std::string, uint32_t>> prefixes, caseless;
  candidates_.reserve(routes.size());
  for (uint32_t n = 0; n < end_; ++n) {
    const PathMatcher& path = routes[n].match.path;
    Candidate candidate{Check::kNone, static_cast<uint32_t>(path.value.size()), &path};
    auto* keys = path.case_sensitive ? &prefixes : &caseless;
    switch (path.kind) {
      case PathMatcher::Kind::kPrefix:
        keys->emplace_back(path.value, n);
        break;
      case PathMatcher::Kind::kPathSeparatedPrefix:
        candidate.check = Check::kBoundary;
        keys->emplace_back(path.value, n);
        break;
      case PathMatcher::Kind::kRegex:
        candidate.check = Check::kRegex;
        prefixes.emplace_back(LiteralPrefix(path.regex.pattern), n);
        break;
      case PathMatcher::Kind::kExact:
        candidate.check = path.case_sensitive ? Check::kNone : Check::kWhole;
        if (path.case_sensitive) {
          exact_[path.value].push_back(n);
        } else {
          caseless.emplace_back(path.value, n);
        }
        break;
    }
    candidates_.push_back(candidate);
  }
  using Case = PrefixTrie::Case;
  using Direction = PrefixTrie::Direction;
  prefixes_ = PrefixTrie(Case::kSensitive, Direction::kForward, std::move(prefixes));
  caseless_ = PrefixTrie(Case::kInsensitive, Direction::kForward, std::move(caseless));
}

bool PathIndex::TakesRegex(const PathMatcher& matcher, std::string_view path) {
  return re2::RE2::FullMatch(re2::StringPiece(path.data(), path.size()), *matcher.regex.compiled);
}

}  // namespace meshlib::route
