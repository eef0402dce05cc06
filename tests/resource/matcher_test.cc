// SPDX-License-Identifier: Apache-2.0
#include "resource/matcher.h"

#include <gtest/gtest.h>

namespace meshlib::resource {
namespace {

using Kind = StringMatcher::Kind;

struct Row {
  Kind kind;
  bool ignore_case;
  const char* value;
  const char* input;
  bool matches;
};

TEST(StringMatcherTest, MatchesAsEnvoyDoes) {
  for (const Row& row : std::initializer_list<Row>{{Kind::kExact, false, "abc", "abc", true},
                                                   {Kind::kExact, false, "abc", "ABC", false},
                                                   {Kind::kExact, true, "abc", "ABC", true},
                                                   {Kind::kExact, true, "abc", "abcd", false},
                                                   {Kind::kPrefix, false, "ab", "abc", true},
                                                   {Kind::kPrefix, true, "ab", "ABC", true},
                                                   {Kind::kPrefix, false, "ab", "a", false},
                                                   {Kind::kSuffix, false, "bc", "abc", true},
                                                   {Kind::kSuffix, true, "bc", "aBC", true},
                                                   {Kind::kSuffix, true, "bc", "c", false},
                                                   {Kind::kContains, false, "b", "abc", true},
                                                   {Kind::kContains, true, "bc", "aBCd", true},
                                                   {Kind::kContains, false, "x", "abc", false}}) {
    const StringMatcher matcher{
        .kind = row.kind, .ignore_case = row.ignore_case, .value = row.value};
    EXPECT_EQ(matcher.Matches(row.input), row.matches) << matcher.ToString() << " " << row.input;
  }
}

TEST(StringMatcherTest, ARegexMatchesTheWholeInput) {
  StringMatcher matcher{.kind = Kind::kRegex};
  matcher.regex = {"a+", std::make_shared<const re2::RE2>("a+")};
  EXPECT_TRUE(matcher.Matches("aaa"));
  EXPECT_FALSE(matcher.Matches("aab"));
}

TEST(StringMatcherTest, ARegexThatIsNotCompiledMatchesNothing) {
  EXPECT_FALSE((StringMatcher{.kind = Kind::kRegex}).Matches(""));
}

}  // namespace
}  // namespace meshlib::resource
