// SPDX-License-Identifier: Apache-2.0
#include "resource/matcher.h"

#include <algorithm>

namespace meshlib::resource {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// `pattern` is lower case already.
bool EqualsIgnoringCase(std::string_view input, std::string_view pattern) {
  return input.size() == pattern.size() && std::equal(input.begin(), input.end(), pattern.begin(),
                                                      [](char a, char b) { return Lower(a) == b; });
}

bool MatchesPlain(StringMatcher::Kind kind, std::string_view input, std::string_view pattern) {
  switch (kind) {
    case StringMatcher::Kind::kExact:
      return input == pattern;
    case StringMatcher::Kind::kPrefix:
      return input.starts_with(pattern);
    case StringMatcher::Kind::kSuffix:
      return input.ends_with(pattern);
    case StringMatcher::Kind::kContains:
      return input.find(pattern) != std::string_view::npos;
    case StringMatcher::Kind::kRegex:
      return false;
  }
  return false;
}

bool MatchesIgnoringCase(StringMatcher::Kind kind, std::string_view input,
                         std::string_view pattern) {
  if (input.size() < pattern.size()) return false;
  switch (kind) {
    case StringMatcher::Kind::kExact:
      return EqualsIgnoringCase(input, pattern);
    case StringMatcher::Kind::kPrefix:
      return EqualsIgnoringCase(input.substr(0, pattern.size()), pattern);
    case StringMatcher::Kind::kSuffix:
      return EqualsIgnoringCase(input.substr(input.size() - pattern.size()), pattern);
    case StringMatcher::Kind::kContains:
      return std::search(input.begin(), input.end(), pattern.begin(), pattern.end(),
                         [](char a, char b) { return Lower(a) == b; }) != input.end();
    case StringMatcher::Kind::kRegex:
      return false;
  }
  return false;
}

std::string Describe(const std::variant<PresentMatch, StringMatcher>& match) {
  if (const auto* present = std::get_if<PresentMatch>(&match)) {
    return present->present ? " present" : " absent";
  }
  return " " + std::get<StringMatcher>(match).ToString();
}

}  // namespace

bool StringMatcher::Matches(std::string_view input) const {
  if (kind == Kind::kRegex) {
    return regex.compiled != nullptr &&
           re2::RE2::FullMatch(re2::StringPiece(input.data(), input.size()), *regex.compiled);
  }
  return ignore_case ? MatchesIgnoringCase(kind, input, value) : MatchesPlain(kind, input, value);
}

std::string StringMatcher::ToString() const {
  static constexpr const char* kNames[] = {"exact", "prefix", "suffix", "contains", "regex"};
  std::string text = kNames[static_cast<size_t>(kind)];
  if (ignore_case) text += "(ignoring case)";
  return text + " \"" + (kind == Kind::kRegex ? regex.pattern : value) + "\"";
}

std::string HeaderMatcher::ToString() const {
  std::string text = (invert ? "not " : "") + name;
  if (const auto* range = std::get_if<Int64Range>(&match)) {
    return text + " in [" + std::to_string(range->start) + ", " + std::to_string(range->end) + ")";
  }
  if (const auto* string = std::get_if<StringMatcher>(&match)) {
    return text + " " + string->ToString();
  }
  return text + (std::get<PresentMatch>(match).present ? " present" : " absent");
}

std::string QueryParameterMatcher::ToString() const { return name + Describe(match); }

}  // namespace meshlib::resource
