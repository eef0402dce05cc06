// SPDX-License-Identifier: Apache-2.0
#include "route/header_match.h"

#include <charconv>

#include "absl/container/inlined_vector.h"
#include "absl/strings/numbers.h"
#include "base/string_view.h"
#include "route/joined_header.h"

namespace meshlib::route {
namespace {

using resource::HeaderMatcher;
using resource::Int64Range;
using resource::PresentMatch;
using resource::QueryParameterMatcher;
using resource::StringMatcher;

std::optional<std::string_view> PseudoHeader(const RequestHead& head, std::string_view name) {
  if (name == ":method") return head.method;
  if (name == ":path") return head.path;
  if (name == ":authority" || name == "host") return head.authority;
  if (name == ":scheme") return head.scheme;
  return std::nullopt;
}

bool IsPseudo(std::string_view name) { return name.starts_with(':') || name == "host"; }

bool InRange(const Int64Range& range, std::string_view value) {
  int64_t number = 0;
  return absl::SimpleAtoi(base::AbslView(value), &number) && number >= range.start &&
         number < range.end;
}

// Whether one value is as wanted, before inverting.
bool MatchesOne(const HeaderMatcher& matcher, std::string_view value) {
  if (const auto* range = std::get_if<Int64Range>(&matcher.match)) return InRange(*range, value);
  const auto* string = std::get_if<StringMatcher>(&matcher.match);
  return string == nullptr || string->Matches(value);
}

// What follows for the matcher: whether the header is there, and whether one of its values is as
// wanted. A missing header matches nothing, also when inverted, unless it is taken for an empty
// one.
bool Conclude(const HeaderMatcher& matcher, bool is_there, bool matches) {
  if (!is_there && matcher.treat_missing_as_empty) {
    is_there = true;
    matches = MatchesOne(matcher, "");
  }
  if (const auto* present = std::get_if<PresentMatch>(&matcher.match)) {
    return (is_there == present->present) != matcher.invert;
  }
  return is_there && matches != matcher.invert;
}

bool MatchesValue(const HeaderMatcher& matcher, std::optional<std::string_view> value) {
  return Conclude(matcher, value.has_value(), value && MatchesOne(matcher, *value));
}

// Long enough that joined values seldom need the heap.
using JoinBuffer = absl::InlinedVector<char, 512>;

std::string_view Joined(const Headers& headers, std::string_view name, JoinBuffer& buffer) {
  for (size_t i = 0; i < headers.size(); ++i) {
    const Headers::Field field = headers.at(i);
    if (field.name != name) continue;
    if (!buffer.empty()) buffer.push_back(',');
    buffer.insert(buffer.end(), field.value.begin(), field.value.end());
  }
  return {buffer.data(), buffer.size()};
}

bool MatchesField(const HeaderMatcher& matcher, MessageKind kind, const Headers& headers) {
  size_t count = 0;
  bool matches = false;
  for (size_t i = 0; i < headers.size(); ++i) {
    const Headers::Field field = headers.at(i);
    if (field.name != matcher.name) continue;
    ++count;
    matches = matches || MatchesOne(matcher, field.value);
  }
  if (count > 1 && IsJoinedHeader(kind, matcher.name)) {
    JoinBuffer buffer;
    return MatchesValue(matcher, Joined(headers, matcher.name, buffer));
  }
  return Conclude(matcher, count > 0, matches);
}

bool InFraction(const resource::RouteMatch& match, uint64_t random) {
  return !match.runtime_fraction || random % 1'000'000 < match.runtime_fraction->per_million;
}

}  // namespace

bool IsGrpc(const RequestHead& head) {
  static constexpr std::string_view kGrpc = "application/grpc";
  const std::string_view type = head.headers->Get("content-type").value_or(std::string_view());
  return type.starts_with(kGrpc) && (type.size() == kGrpc.size() || type[kGrpc.size()] == '+');
}

bool Matches(const HeaderMatcher& matcher, const RequestHead& head) {
  if (IsPseudo(matcher.name)) return MatchesValue(matcher, PseudoHeader(head, matcher.name));
  return MatchesField(matcher, MessageKind::kRequest, *head.headers);
}

bool Matches(const HeaderMatcher& matcher, const Headers& headers, int status) {
  if (matcher.name == ":status") {
    char digits[16];
    const char* end = std::to_chars(digits, digits + sizeof(digits), status).ptr;
    return MatchesValue(matcher, std::string_view(digits, static_cast<size_t>(end - digits)));
  }
  return MatchesField(matcher, MessageKind::kResponse, headers);
}

bool MatchesAll(const std::vector<HeaderMatcher>& matchers, const RequestHead& head) {
  for (const HeaderMatcher& matcher : matchers) {
    if (!Matches(matcher, head)) return false;
  }
  return true;
}

bool Matches(const QueryParameterMatcher& matcher, std::string_view path) {
  const std::optional<std::string_view> value = QueryParameter(path, matcher.name);
  if (const auto* present = std::get_if<PresentMatch>(&matcher.match)) {
    return value.has_value() == present->present;
  }
  return value && std::get<StringMatcher>(matcher.match).Matches(*value);
}

std::optional<std::string_view> QueryParameter(std::string_view path, std::string_view name) {
  size_t start = path.find('?');
  if (start == std::string_view::npos) return std::nullopt;
  for (++start; start < path.size();) {
    const size_t end = std::min(path.find('&', start), path.size());
    const std::string_view parameter = path.substr(start, end - start);
    const size_t equal = std::min(parameter.find('='), parameter.size());
    if (parameter.substr(0, equal) == name) {
      return equal == parameter.size() ? std::string_view() : parameter.substr(equal + 1);
    }
    start = end + 1;
  }
  return std::nullopt;
}

bool MatchesConditions(const resource::RouteMatch& match, const RequestHead& head,
                       uint64_t random) {
  if (!InFraction(match, random)) return false;
  if (match.grpc && !IsGrpc(head)) return false;
  if (!MatchesAll(match.headers, head)) return false;
  for (const QueryParameterMatcher& matcher : match.query_parameters) {
    if (!Matches(matcher, head.path)) return false;
  }
  return true;
}

std::optional<std::string_view> FirstValue(const RequestHead& head, std::string_view name) {
  return IsPseudo(name) ? PseudoHeader(head, name) : head.headers->Get(name);
}

std::string_view WithoutQuery(std::string_view path) {
  size_t size = 0;
  while (size < path.size() && path[size] != '?' && path[size] != '#') ++size;
  return path.substr(0, size);
}

}  // namespace meshlib::route
