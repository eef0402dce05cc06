// SPDX-License-Identifier: Apache-2.0
#include "translate/route_match.h"

#include <optional>
#include <string>

namespace meshlib::translate {
namespace {

using manifest::StringMatch;

// Nothing said, and the regex "*", which is none: the name is there.
bool IsPresence(const std::optional<StringMatch>& match) {
  return !match || (match->kind == StringMatch::Kind::kRegex && match->value == "*");
}

xds_route::HeaderMatcher HeaderMatch(const std::string& name,
                                     const std::optional<StringMatch>& match) {
  xds_route::HeaderMatcher out;
  out.set_name(name);
  if (IsPresence(match)) {
    out.set_present_match(true);
  } else {
    TranslateStringMatch(*match, *out.mutable_string_match());
  }
  return out;
}

// By name, as istiod orders them; of one name, the one that must be there comes first.
void AddHeaders(const manifest::HttpMatch& match, xds_route::RouteMatch& out) {
  auto with = match.headers.begin();
  auto without = match.without_headers.begin();
  while (with != match.headers.end() || without != match.without_headers.end()) {
    const bool next_is_with = without == match.without_headers.end() ||
                              (with != match.headers.end() && with->first <= without->first);
    if (next_is_with) {
      *out.add_headers() = HeaderMatch(with->first, with->second);
      ++with;
      continue;
    }
    xds_route::HeaderMatcher& header = *out.add_headers();
    header = HeaderMatch(without->first, without->second);
    header.set_invert_match(true);
    header.set_treat_missing_header_as_empty(!IsPresence(without->second));
    ++without;
  }
}

void SetPath(const StringMatch& uri, xds_route::RouteMatch& out) {
  switch (uri.kind) {
    case StringMatch::Kind::kExact:
      out.set_path(uri.value);
      return;
    case StringMatch::Kind::kPrefix:
      out.set_prefix(uri.value);
      return;
    case StringMatch::Kind::kRegex:
      out.mutable_safe_regex()->set_regex(uri.value);
      return;
  }
}

}  // namespace

void TranslateStringMatch(const StringMatch& match, xds_matcher::StringMatcher& out) {
  switch (match.kind) {
    case StringMatch::Kind::kExact:
      out.set_exact(match.value);
      return;
    case StringMatch::Kind::kPrefix:
      out.set_prefix(match.value);
      return;
    case StringMatch::Kind::kRegex:
      out.mutable_safe_regex()->set_regex(match.value);
      return;
  }
}

void TranslateMatch(const manifest::HttpMatch* match, xds_route::RouteMatch& out) {
  out.set_prefix("/");
  if (match == nullptr) return;
  if (match->uri) SetPath(*match->uri, out);
  out.mutable_case_sensitive()->set_value(!match->ignore_uri_case);
  AddHeaders(*match, out);
  if (match->method) *out.add_headers() = HeaderMatch(":method", match->method);
  if (match->authority) *out.add_headers() = HeaderMatch(":authority", match->authority);
  if (match->scheme) *out.add_headers() = HeaderMatch(":scheme", match->scheme);
  for (const auto& [name, value] : match->query_params) {
    xds_route::QueryParameterMatcher& parameter = *out.add_query_parameters();
    parameter.set_name(name);
    if (IsPresence(value)) {
      parameter.set_present_match(true);
    } else {
      TranslateStringMatch(*value, *parameter.mutable_string_match());
    }
  }
}

bool MatchesEverything(const xds_route::RouteMatch& match) {
  const bool any_path = match.prefix() == "/" || match.safe_regex().regex() == ".*";
  return any_path && match.headers().empty() && match.query_parameters().empty();
}

}  // namespace meshlib::translate
