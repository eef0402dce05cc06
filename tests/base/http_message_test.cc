// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "meshlib/http.h"

namespace meshlib {
namespace {

struct Row {
  const char* url;
  const char* path;
  const char* query;
};

TEST(HttpRequestTest, SplitsAbsoluteUrlsAndTargetsAlike) {
  for (const Row& row :
       std::initializer_list<Row>{{"http://reviews:9080/reviews/0?x=1", "/reviews/0", "x=1"},
                                  {"http://reviews:9080", "/", ""},
                                  {"/a?b?c", "/a", "b?c"},
                                  {"/a://b", "/a://b", ""},
                                  {"/", "/", ""}}) {
    HttpRequest request;
    request.url = row.url;
    EXPECT_EQ(request.path(), row.path) << row.url;
    EXPECT_EQ(request.query(), row.query) << row.url;
  }
}

TEST(HttpRequestTest, QueryParametersArePercentDecoded) {
  HttpRequest request;
  request.url = "/?name=a%20b+c&empty=&flag&bad=%zz";
  EXPECT_EQ(request.query_parameter("name"), "a b c");
  EXPECT_EQ(request.query_parameter("empty"), "");
  EXPECT_EQ(request.query_parameter("flag"), "");
  EXPECT_EQ(request.query_parameter("bad"), "%zz");
  EXPECT_EQ(request.query_parameter("absent"), "");
}

TEST(HttpResponseTest, JsonSaysItsContentType) {
  const HttpResponse response = HttpResponse::Json(201, "{}");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.headers.Get("content-type"), "application/json");
  EXPECT_EQ(response.body, "{}");
}

}  // namespace
}  // namespace meshlib
