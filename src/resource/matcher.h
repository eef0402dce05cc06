// SPDX-License-Identifier: Apache-2.0
// Matchers: how configuration describes strings, headers and query parameters.

#ifndef MESHLIB_RESOURCE_MATCHER_H_
#define MESHLIB_RESOURCE_MATCHER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "re2/re2.h"

namespace meshlib::resource {

// A compiled RE2 in Latin-1 (bytes) mode, full match: envoy.type.matcher.v3.RegexMatcher.
// Immutable; share freely.
struct Regex {
  std::string pattern;
  std::shared_ptr<const re2::RE2> compiled;  // never null in a decoded resource

  friend bool operator==(const Regex& a, const Regex& b) { return a.pattern == b.pattern; }
};

// envoy.type.matcher.v3.StringMatcher. A value.
struct StringMatcher {
  enum class Kind : uint8_t { kExact, kPrefix, kSuffix, kContains, kRegex };

  Kind kind = Kind::kExact;
  bool ignore_case = false;  // of no effect on kRegex
  std::string value;         // unused for kRegex; lower case already when ignore_case
  Regex regex;               // kRegex only

  bool Matches(std::string_view input) const;
  std::string ToString() const;
  friend bool operator==(const StringMatcher&, const StringMatcher&) = default;
};

// [start, end) of type.v3.Int64Range. A value.
struct Int64Range {
  int64_t start = 0;
  int64_t end = 0;
  friend bool operator==(const Int64Range&, const Int64Range&) = default;
};

// Whether a header or parameter is there at all.
struct PresentMatch {
  bool present = true;
  friend bool operator==(const PresentMatch&, const PresentMatch&) = default;
};

// envoy.config.route.v3.HeaderMatcher. A header with several fields matches when one of them does.
// A value.
struct HeaderMatcher {
  std::string name;  // lower case; ":method", ":path", ":authority", ":scheme" as well
  std::variant<PresentMatch, StringMatcher, Int64Range> match;
  bool invert = false;
  bool treat_missing_as_empty = false;

  std::string ToString() const;
  friend bool operator==(const HeaderMatcher&, const HeaderMatcher&) = default;
};

// envoy.config.route.v3.QueryParameterMatcher. A value.
struct QueryParameterMatcher {
  std::string name;
  std::variant<PresentMatch, StringMatcher> match;

  std::string ToString() const;
  friend bool operator==(const QueryParameterMatcher&, const QueryParameterMatcher&) = default;
};

// envoy.type.v3.FractionalPercent, in parts per million: all three denominators of xDS (hundred,
// ten thousand, million) are exact in it. A value.
struct FractionalPercent {
  uint32_t per_million = 0;
  friend bool operator==(const FractionalPercent&, const FractionalPercent&) = default;
};

}  // namespace meshlib::resource

#endif  // MESHLIB_RESOURCE_MATCHER_H_
