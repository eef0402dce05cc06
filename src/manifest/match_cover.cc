// SPDX-License-Identifier: Apache-2.0
#include "manifest/match_cover.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "re2/re2.h"

namespace meshlib::manifest {
namespace {

using Kind = StringMatch::Kind;

bool TakesEverything(const StringMatch& match) {
  return match.kind == Kind::kRegex && match.value == ".*";
}

bool OptionalCovers(const std::optional<StringMatch>& a, const std::optional<StringMatch>& b) {
  if (!a.has_value()) return true;
  return b.has_value() ? Covers(*a, *b) : TakesEverything(*a);
}

StringMatch LowerCase(StringMatch match) {
  if (match.kind != Kind::kRegex) absl::AsciiStrToLower(&match.value);
  return match;
}

bool UriCovers(const HttpMatch& a, const HttpMatch& b) {
  if (!a.uri.has_value()) return true;
  // Every path starts with a slash.
  const bool everything =
      TakesEverything(*a.uri) ||
      (a.uri->kind == Kind::kPrefix && (a.uri->value == "/" || a.uri->value.empty()));
  if (everything) return true;
  if (!b.uri.has_value()) return false;
  if (a.ignore_uri_case) return Covers(LowerCase(*a.uri), LowerCase(*b.uri));
  return !b.ignore_uri_case && Covers(*a.uri, *b.uri);
}

// What `a` demands of each name, `b` demands as well. `a` without a match: that it is there.
bool NamedCover(const NamedMatches& a, const NamedMatches& b) {
  return std::all_of(a.begin(), a.end(), [&](const auto& demand) {
    const auto it = b.find(demand.first);
    return it != b.end() && OptionalCovers(demand.second, it->second);
  });
}

// What `a` excludes of each name, `b` excludes as well.
bool WithoutCover(const NamedMatches& a, const NamedMatches& b) {
  return std::all_of(a.begin(), a.end(), [&](const auto& excluded) {
    const auto it = b.find(excluded.first);
    return it != b.end() && OptionalCovers(it->second, excluded.second);
  });
}

bool LabelsCover(const Labels& a, const Labels& b) {
  return std::all_of(a.begin(), a.end(), [&](const auto& label) {
    const auto it = b.find(label.first);
    return it != b.end() && it->second == label.second;
  });
}

bool GatewaysCover(const HttpMatch& a, const HttpMatch& b, const std::vector<std::string>& all) {
  if (a.gateways.empty()) return true;
  const std::vector<std::string> mesh = {"mesh"};
  const std::vector<std::string>& of_b = !b.gateways.empty() ? b.gateways
                                         : all.empty()       ? mesh
                                                             : all;
  return std::all_of(of_b.begin(), of_b.end(), [&](const std::string& gateway) {
    return std::count(a.gateways.begin(), a.gateways.end(), gateway) > 0;
  });
}

}  // namespace

bool Covers(const StringMatch& a, const StringMatch& b) {
  switch (a.kind) {
    case Kind::kExact:
      return b.kind == Kind::kExact && a.value == b.value;
    case Kind::kPrefix:
      return b.kind != Kind::kRegex && absl::StartsWith(b.value, a.value);
    case Kind::kRegex:
      if (TakesEverything(a) || a == b) return true;
      return b.kind == Kind::kExact &&
             re2::RE2::FullMatch(b.value, re2::RE2(a.value, re2::RE2::Quiet));
  }
  return false;
}

bool Covers(const HttpMatch& a, const HttpMatch& b, const std::vector<std::string>& gateways) {
  const bool port = !a.port.has_value() || a.port == b.port;
  const bool name_space = a.source_namespace.empty() || a.source_namespace == b.source_namespace;
  // The paths first: with thousands of routes they tell most of them apart.
  return UriCovers(a, b) && port && name_space && OptionalCovers(a.scheme, b.scheme) &&
         OptionalCovers(a.method, b.method) && OptionalCovers(a.authority, b.authority) &&
         NamedCover(a.headers, b.headers) && WithoutCover(a.without_headers, b.without_headers) &&
         NamedCover(a.query_params, b.query_params) &&
         LabelsCover(a.source_labels, b.source_labels) && GatewaysCover(a, b, gateways);
}

}  // namespace meshlib::manifest
