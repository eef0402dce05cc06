#include "route/header_match.h"

#include <charconv>

#include "absl/container/inlined_vector.h"
#include "absl/strings/numbers.h"
#include "base/string_view.h"

namespace meshlib::route {
namespace {

using resource::HeaderMatcher;
using resource::Int64Range;
using resource::PresentMatch;
using resource::QueryParameterMatcher;
using resource::StringMatcher;

// Long enough that joined values seldom need the heap.
using JoinBuffer = absl::InlinedVector<char, 512>;

// A header's value as matchers see it: several fields are joined with ",".
std::optional<std::string_view> JoinedValue(const Headers& headers, std::string_view name,
                                            JoinBuffer& buffer) {
  std::optional<std::string_view> first;
  for (size_t i = 0; i < headers.size(); ++i) {
    const Headers::Field field = headers.at(i);
    if (field.name != name) continue;
    if (!first) {
      first = field.value;
      continue;
    }
    if (buffer.empty()) buffer.insert(buffer.end(), first->begin(), first->end());
    buffer.push_back(',');
    buffer.insert(buffer.end(), field.value.begin(), field.value.end());
  }
  if (buffer.empty()) return first;
  return std::string_view(buffer.data(), buffer.size());
}

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

bool MatchesValue(const HeaderMatcher& matcher, std::optional<std::string_view> value) {
  if (const auto* present = std::get_if<PresentMatch>(&matcher.match)) {
    const bool is_present = value.has_value() || matcher.treat_missing_as_empty;
    return (is_present == present->present) != matcher.invert;
  }
  // A missing header matches nothing, also when inverted.
  if (!value && !matcher.treat_missing_as_empty) return false;
  const std::string_view text = value.value_or(std::string_view());
  const auto* range = std::get_if<Int64Range>(&matcher.match);
  const bool matches = range != nullptr ? InRange(*range, text)
                                        : std::get<StringMatcher>(matcher.match).Matches(text);
  return matches != matcher.invert;
}

// "application/grpc" or "application/grpc+proto", but not "application/grpc-web".
bool IsGrpc(const RequestHead& head) {
  static constexpr std::string_view kGrpc = "application/grpc";
  const std::string_view type = head.headers->Get("content-type").value_or(std::string_view());
  return type.starts_with(kGrpc) && (type.size() == kGrpc.size() || type[kGrpc.size()] == '+');
}

bool InFraction(const resource::RouteMatch& match, uint64_t random) {
  return !match.runtime_fraction || random % 1'000'000 < match.runtime_fraction->per_million;
}

}  // namespace

bool Matches(const HeaderMatcher& matcher, const RequestHead& head) {
  if (IsPseudo(matcher.name)) return MatchesValue(matcher, PseudoHeader(head, matcher.name));
  JoinBuffer buffer;
  return MatchesValue(matcher, JoinedValue(*head.headers, matcher.name, buffer));
}

bool Matches(const HeaderMatcher& matcher, const Headers& headers, int status) {
  if (matcher.name == ":status") {
    char digits[16];
    const char* end = std::to_chars(digits, digits + sizeof(digits), status).ptr;
    return MatchesValue(matcher, std::string_view(digits, static_cast<size_t>(end - digits)));
  }
  JoinBuffer buffer;
  return MatchesValue(matcher, JoinedValue(headers, matcher.name, buffer));
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
  return path.substr(0, path.find_first_of("?#"));
}

}  // namespace meshlib::route
