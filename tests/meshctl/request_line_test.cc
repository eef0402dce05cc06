// SPDX-License-Identifier: Apache-2.0
#include "request_line.h"

#include <gtest/gtest.h>

namespace meshctl {
namespace {

TEST(RequestLineTest, ReadsMethodUrlAndHeaders) {
  const auto request = ReadRequestLine(
      R"({"method":"POST","url":"http://a/b","headers":[["X-User","jason"],["Host","c"]]})");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->url, "http://a/b");
  EXPECT_EQ(request->headers, (meshlib::Headers{{"x-user", "jason"}}));
  EXPECT_EQ(request->authority, "c");
}

TEST(RequestLineTest, MethodAndHeadersMayBeAbsent) {
  const auto request = ReadRequestLine(R"({"url":"http://a/"})");
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->method, "GET");
}

TEST(RequestLineTest, RefusesWhatIsNoRequest) {
  for (const char* line : {"", "{", "[]", "{}", R"({"url":1})", R"({"url":"a","extra":"b"})",
                           R"({"url":"a","headers":{}})", R"({"url":"a","headers":[["a"]]})",
                           R"({"url":"a","headers":[["a",1]]})"}) {
    EXPECT_FALSE(ReadRequestLine(line).ok()) << line;
  }
}

TEST(RequestLineTest, AnErrorIsOneLineOfJson) {
  EXPECT_EQ(ErrorLine(absl::InvalidArgumentError("a \"b\"\n")), R"({"error":"a \"b\"\n"})");
}

TEST(HeaderLinesTest, AreNameAndValue) {
  meshlib::HttpRequest request;
  EXPECT_TRUE(AddHeaderLines({"End-User: jason", "empty:"}, &request).ok());
  EXPECT_EQ(request.headers, (meshlib::Headers{{"end-user", "jason"}, {"empty", ""}}));
  EXPECT_FALSE(AddHeaderLines({"no colon"}, &request).ok());
  EXPECT_FALSE(AddHeaderLines({": value"}, &request).ok());
}

}  // namespace
}  // namespace meshctl
