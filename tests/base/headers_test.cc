// SPDX-License-Identifier: Apache-2.0
#include "meshlib/headers.h"

#include <gtest/gtest.h>

namespace meshlib {
namespace {

TEST(HeadersTest, NamesAreKeptInLowerCaseAndInOrder) {
  Headers headers = {{"Accept", "a"}, {"X-B", "b"}};
  headers.Add("accept", "c");
  EXPECT_EQ(headers, (Headers{{"accept", "a"}, {"x-b", "b"}, {"accept", "c"}}));
}

TEST(HeadersTest, GetReturnsTheFirstValue) {
  const Headers headers = {{"a", "1"}, {"a", "2"}};
  EXPECT_EQ(headers.Get("a"), "1");
  EXPECT_EQ(headers.Get("b"), std::nullopt);
}

TEST(HeadersTest, GetJoinedJoinsSeveralValuesWithACommaOnly) {
  const Headers headers = {{"a", "1"}, {"b", "x"}, {"a", "2"}, {"a", ""}};
  std::string storage;
  EXPECT_EQ(headers.GetJoined("a", &storage), "1,2,");
  EXPECT_EQ(headers.GetJoined("b", &storage), "x");
  EXPECT_EQ(headers.GetJoined("c", &storage), std::nullopt);
}

TEST(HeadersTest, SetReplacesAllAtThePlaceOfTheFirst) {
  Headers headers = {{"a", "1"}, {"b", "x"}, {"a", "2"}};
  headers.Set("a", "9");
  headers.Set("c", "y");
  EXPECT_EQ(headers, (Headers{{"a", "9"}, {"b", "x"}, {"c", "y"}}));
}

TEST(HeadersTest, RemoveTellsHowManyThereWere) {
  Headers headers = {{"a", "1"}, {"b", "x"}, {"a", "2"}};
  EXPECT_EQ(headers.Remove("a"), 2u);
  EXPECT_EQ(headers.Remove("a"), 0u);
  EXPECT_EQ(headers, (Headers{{"b", "x"}}));
}

TEST(HeadersTest, ClearMakesItEmpty) {
  Headers headers = {{"a", "1"}};
  headers.Clear();
  EXPECT_TRUE(headers.empty());
  headers.Add("b", "2");
  EXPECT_EQ(headers.at(0), (Headers::Field{"b", "2"}));
}

}  // namespace
}  // namespace meshlib
