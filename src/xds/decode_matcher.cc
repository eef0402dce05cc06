// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_matcher.h"

#include <memory>
#include <string>
#include <utility>

#include "re2/re2.h"
#include "xds/decode_unused.h"
#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

namespace matcher = envoy::type::matcher::v3;
namespace route = envoy::config::route::v3;
using resource::StringMatcher;

constexpr size_t kMaxQueryParameterName = 1024;

StringMatcher Plain(StringMatcher::Kind kind, const std::string& value) {
  return {.kind = kind, .value = value};
}

void RequireText(const std::string& value, std::string_view field, DecodeContext& context) {
  if (value.empty()) context.Error(field, "must not be empty");
}

StringMatcher RegexString(const matcher::RegexMatcher& in, std::string_view field,
                          DecodeContext& context) {
  const auto scope = context.In(field);
  return {.kind = StringMatcher::Kind::kRegex, .regex = DecodeRegex(in, context)};
}

// The forms of HeaderMatcher that are StringMatchers by another name.
StringMatcher DecodeOldForm(const route::HeaderMatcher& in, DecodeContext& context) {
  switch (in.header_match_specifier_case()) {
    case route::HeaderMatcher::kPrefixMatch:
      RequireText(in.prefix_match(), "prefix_match", context);
      return Plain(StringMatcher::Kind::kPrefix, in.prefix_match());
    case route::HeaderMatcher::kSuffixMatch:
      RequireText(in.suffix_match(), "suffix_match", context);
      return Plain(StringMatcher::Kind::kSuffix, in.suffix_match());
    case route::HeaderMatcher::kContainsMatch:
      RequireText(in.contains_match(), "contains_match", context);
      return Plain(StringMatcher::Kind::kContains, in.contains_match());
    case route::HeaderMatcher::kSafeRegexMatch:
      return RegexString(in.safe_regex_match(), "safe_regex_match", context);
    default:
      // Envoy takes every value of the header for equal to nothing.
      return Plain(
          in.exact_match().empty() ? StringMatcher::Kind::kPrefix : StringMatcher::Kind::kExact,
          in.exact_match());
  }
}

}  // namespace

resource::Regex DecodeRegex(const matcher::RegexMatcher& in, DecodeContext& context) {
  resource::Regex regex{.pattern = in.regex(), .compiled = nullptr};
  if (in.regex().empty()) {
    context.Error("regex", "must not be empty");
    return regex;
  }
  re2::RE2::Options options(re2::RE2::Latin1);
  options.set_log_errors(false);
  auto compiled = std::make_shared<const re2::RE2>(in.regex(), options);
  if (!compiled->ok()) {
    context.Error("regex", compiled->error());
    return regex;
  }
  int64_t limit = kMaxRegexProgramSize;
  if (in.google_re2().has_max_program_size()) limit = in.google_re2().max_program_size().value();
  if (compiled->ProgramSize() > limit) {
    context.Error("regex", "its program of size " + std::to_string(compiled->ProgramSize()) +
                               " is larger than " + std::to_string(limit));
    return regex;
  }
  regex.compiled = std::move(compiled);
  return regex;
}

resource::RegexRewrite DecodeRegexRewrite(const matcher::RegexMatchAndSubstitute& in,
                                          DecodeContext& context) {
  RequireHeaderText(in.substitution(), "substitution", context);
  const auto scope = context.In("pattern");
  return {.regex = DecodeRegex(in.pattern(), context), .substitution = in.substitution()};
}

StringMatcher DecodeStringMatcher(const matcher::StringMatcher& in, DecodeContext& context) {
  StringMatcher out;
  switch (in.match_pattern_case()) {
    case matcher::StringMatcher::kExact:
      out = Plain(StringMatcher::Kind::kExact, in.exact());
      break;
    case matcher::StringMatcher::kPrefix:
      RequireText(in.prefix(), "prefix", context);
      out = Plain(StringMatcher::Kind::kPrefix, in.prefix());
      break;
    case matcher::StringMatcher::kSuffix:
      RequireText(in.suffix(), "suffix", context);
      out = Plain(StringMatcher::Kind::kSuffix, in.suffix());
      break;
    case matcher::StringMatcher::kContains:
      RequireText(in.contains(), "contains", context);
      out = Plain(StringMatcher::Kind::kContains, in.contains());
      break;
    case matcher::StringMatcher::kSafeRegex:
      if (in.ignore_case()) context.Error("ignore_case", "has no effect for safe_regex");
      return RegexString(in.safe_regex(), "safe_regex", context);
    default:
      context.Error("match_pattern", "is required, of a kind that is known here");
      return out;
  }
  out.ignore_case = in.ignore_case();
  if (out.ignore_case) out.value = LowerCase(out.value);
  return out;
}

resource::HeaderMatcher DecodeHeaderMatcher(const route::HeaderMatcher& in,
                                            DecodeContext& context) {
  RequireHeaderName(in.name(), "name", context);
  resource::HeaderMatcher out{.name = LowerCase(in.name()),
                              .match = {},
                              .invert = in.invert_match(),
                              .treat_missing_as_empty = in.treat_missing_header_as_empty()};
  switch (in.header_match_specifier_case()) {
    case route::HeaderMatcher::kRangeMatch:
      out.match = resource::Int64Range{in.range_match().start(), in.range_match().end()};
      break;
    case route::HeaderMatcher::kPresentMatch:
      out.match = resource::PresentMatch{in.present_match()};
      break;
    case route::HeaderMatcher::kStringMatch: {
      const auto scope = context.In("string_match");
      out.match = DecodeStringMatcher(in.string_match(), context);
      break;
    }
    case route::HeaderMatcher::HEADER_MATCH_SPECIFIER_NOT_SET:
      // A specifier that is newer than our copy would match other requests than meant.
      RequireNoUnknownFields(in, context);
      out.match = resource::PresentMatch{};
      break;
    default:
      out.match = DecodeOldForm(in, context);
  }
  return out;
}

std::vector<resource::HeaderMatcher> DecodeHeaderMatchers(
    const google::protobuf::RepeatedPtrField<route::HeaderMatcher>& in, std::string_view field,
    DecodeContext& context) {
  std::vector<resource::HeaderMatcher> out;
  out.reserve(static_cast<size_t>(in.size()));
  for (int i = 0; i < in.size(); ++i) {
    const auto scope = context.In(field, i);
    out.push_back(DecodeHeaderMatcher(in[i], context));
  }
  return out;
}

resource::QueryParameterMatcher DecodeQueryParameterMatcher(const route::QueryParameterMatcher& in,
                                                            DecodeContext& context) {
  if (in.name().empty() || in.name().size() > kMaxQueryParameterName) {
    context.Error("name", "must have 1 to 1024 bytes");
  }
  resource::QueryParameterMatcher out{.name = in.name(), .match = {}};
  if (in.has_string_match()) {
    const auto scope = context.In("string_match");
    out.match = DecodeStringMatcher(in.string_match(), context);
  } else {
    out.match = resource::PresentMatch{in.query_parameter_match_specifier_case() !=
                                           route::QueryParameterMatcher::kPresentMatch ||
                                       in.present_match()};
  }
  return out;
}

}  // namespace meshlib::xds
