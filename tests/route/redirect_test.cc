// SPDX-License-Identifier: Apache-2.0
#include "route/redirect.h"

#include <gtest/gtest.h>

#include "route/route_builder.h"

namespace meshlib::route {
namespace {

using resource::RedirectAction;

resource::Route RedirectFrom(std::string prefix, RedirectAction action) {
  resource::Route route = Prefix("r", std::move(prefix));
  route.action = std::move(action);
  return route;
}

std::string LocationOf(const resource::Route& route, std::string_view authority,
                       std::string_view path, std::string_view scheme = "http") {
  const auto table = TableOf({route});
  const Headers none;
  const RequestHead head{"GET", path, authority, scheme, &none};
  const RouteMatchResult match = table->Match(head, 0);
  return match.route == nullptr ? "no route" : AnswerLocally(*match.route, head).location;
}

TEST(RedirectTest, BuildsTheLocation) {
  const struct {
    const char* what;
    RedirectAction action;
    const char* authority;
    const char* location;  // of "/a/b?q=1", matched by "/a"
  } rows[] = {
      {"nothing", {}, "shop", "http://shop/a/b?q=1"},
      {"https", {.https_redirect = true}, "shop", "https://shop/a/b?q=1"},
      {"https drops the old default port",
       {.https_redirect = true},
       "shop:80",
       "https://shop/a/b?q=1"},
      {"https keeps another port", {.https_redirect = true}, "shop:81", "https://shop:81/a/b?q=1"},
      {"the scheme stays, so does its port", {}, "shop:80", "http://shop:80/a/b?q=1"},
      {"scheme", {.scheme_redirect = "ftp"}, "shop", "ftp://shop/a/b?q=1"},
      {"host", {.host_redirect = "new"}, "shop:80", "http://new/a/b?q=1"},
      {"port", {.port_redirect = 8443}, "shop:80", "http://shop:8443/a/b?q=1"},
      {"IPv6", {.port_redirect = 8443}, "[::1]", "http://[::1]:8443/a/b?q=1"},
      {"IPv6 with port", {.port_redirect = 8443}, "[::1]:80", "http://[::1]:8443/a/b?q=1"},
      {"path", {.path_redirect = "/new"}, "shop", "http://shop/new?q=1"},
      {"path with query", {.path_redirect = "/new?x=1"}, "shop", "http://shop/new?x=1"},
      {"prefix", {.prefix_rewrite = "/new"}, "shop", "http://shop/new/b?q=1"},
      {"no slash", {.prefix_rewrite = "new"}, "shop", "http://shop/new/b?q=1"},
      {"regex",
       {.regex_rewrite = resource::RegexRewrite{Regex("/([ab])"), "/\\1\\1"}},
       "shop",
       "http://shop/aa/bb?q=1"},
      {"regex to nothing",
       {.regex_rewrite = resource::RegexRewrite{Regex(".*"), ""}},
       "shop",
       "http://shop/a/b?q=1"},
      {"strip query", {.strip_query = true}, "shop", "http://shop/a/b"},
      {"strip query, path",
       {.path_redirect = "/new", .strip_query = true},
       "shop",
       "http://shop/new"},
      {"a query of one's own stays",
       {.path_redirect = "/new?x=1", .strip_query = true},
       "shop",
       "http://shop/new?x=1"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(LocationOf(RedirectFrom("/a", row.action), row.authority, "/a/b?q=1"), row.location)
        << row.what;
  }
}

TEST(RedirectTest, DropsTheDefaultPortOfHttps) {
  EXPECT_EQ(LocationOf(RedirectFrom("/", {.scheme_redirect = "http"}), "shop:443", "/", "https"),
            "http://shop/");
}

TEST(RedirectTest, DirectResponsesOf3xxTellTheRequestsOwnUrl) {
  resource::Route route = Prefix("r", "/");
  route.action = resource::DirectResponse{.status = 302, .body = "moved"};
  EXPECT_EQ(LocationOf(route, "shop", "/a?b"), "http://shop/a?b");
  route.action = resource::DirectResponse{.status = 200, .body = "here"};
  EXPECT_EQ(LocationOf(route, "shop", "/a?b"), "");
}

TEST(RedirectTest, ResponseHeadersSeeTheRewrittenPath) {
  resource::Route route = RedirectFrom("/a", {.prefix_rewrite = "/new"});
  route.response_headers.add = {
      {.name = "x-path", .value = "%REQ(x-envoy-original-path)% to %REQ(:path)%"},
      {.name = "x-code", .value = "%RESPONSE_CODE%"}};
  const auto table = TableOf({route});
  OutgoingHead head{"GET", "/a/b", "shop", "http", {}};
  const RouteMatchResult match = table->Match(head.View(), 0);
  Headers response;
  RewriteScratch scratch;
  const LocalAnswer answer =
      AnswerWithHeaders({table->config(), *match.route}, {}, {}, head, response, scratch);
  EXPECT_EQ(answer.status, 301);
  EXPECT_EQ(
      response,
      (Headers{{"location", "http://shop/new/b"}, {"x-path", "/a/b to /new/b"}, {"x-code", "0"}}));
}

TEST(AdaptToGrpcTest, TurnsTheStatusIntoAGrpcStatus) {
  const Headers grpc = {{"content-type", "application/grpc"}};
  const Headers other = {{"content-type", "application/json"}};
  LocalAnswer answer{.status = 503, .location = "", .body = "50% off"};
  Headers response;
  AdaptToGrpc({"POST", "/", "shop", "http", &other}, answer, response);
  EXPECT_EQ(answer.status, 503);
  AdaptToGrpc({"POST", "/", "shop", "http", &grpc}, answer, response);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body.empty());
  EXPECT_EQ(response, (Headers{{"content-type", "application/grpc"},
                               {"grpc-status", "14"},
                               {"grpc-message", "50%25 off"}}));
}

}  // namespace
}  // namespace meshlib::route
