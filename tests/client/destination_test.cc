// SPDX-License-Identifier: Apache-2.0
#include "client/destination.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace meshlib::client {
namespace {

struct Row {
  const char* name;
  const char* url;
  const char* authority;  // HttpRequest::authority
  const char* listeners;  // joined with a space
  const char* sent_authority;
  const char* path;
  bool in_cluster_domain;
};

class DestinationTest : public ::testing::TestWithParam<Row> {};

TEST_P(DestinationTest, IsDecoded) {
  const Row& row = GetParam();
  HttpRequest request;
  request.url = row.url;
  request.authority = row.authority;
  Destination destination;
  ASSERT_TRUE(destination.Decode(request, {"shop", "cluster.local"}).ok());
  std::string listeners;
  for (const std::string& name : destination.listeners()) {
    listeners += (listeners.empty() ? "" : " ") + name;
  }
  EXPECT_EQ(listeners, row.listeners);
  EXPECT_EQ(destination.authority, row.sent_authority);
  EXPECT_EQ(destination.path, row.path);
  EXPECT_EQ(destination.in_cluster_domain, row.in_cluster_domain);
}

INSTANTIATE_TEST_SUITE_P(
    Names, DestinationTest,
    ::testing::ValuesIn<Row>({
        {"short", "http://reviews:9080/a?b=c", "", "reviews.shop.svc.cluster.local:9080",
         "reviews:9080", "/a?b=c", true},
        {"with_namespace", "http://reviews.prod/", "",
         "reviews.prod.svc.cluster.local:80 reviews.prod:80", "reviews.prod", "/", false},
        {"with_svc", "http://reviews.prod.svc:1/", "", "reviews.prod.svc.cluster.local:1",
         "reviews.prod.svc:1", "/", true},
        {"full", "http://Reviews.prod.svc.cluster.LOCAL:80", "",
         "reviews.prod.svc.cluster.local:80", "Reviews.prod.svc.cluster.LOCAL:80", "/", true},
        {"absolute", "http://reviews.prod.:80/x", "", "reviews.prod:80", "reviews.prod.:80", "/x",
         false},
        {"other_domain", "http://api.shop.example.com:8080?q", "", "api.shop.example.com:8080",
         "api.shop.example.com:8080", "/?q", false},
        {"ipv4", "http://10.0.0.1:8080/", "", "10.0.0.1:8080", "10.0.0.1:8080", "/", false},
        {"ipv6", "http://[::1]:8080/", "", "[::1]:8080", "[::1]:8080", "/", false},
        {"localhost", "http://localhost:1/", "", "localhost:1", "localhost:1", "/", false},
        {"fragment_is_dropped", "http://a.b.c.d/p#f", "", "a.b.c.d:80", "a.b.c.d", "/p", false},
        {"the_host_wins_and_the_port_of_the_url", "http://10.0.0.1:9080/p", "reviews:1",
         "reviews.shop.svc.cluster.local:9080", "reviews:1", "/p", true},
        {"origin_form", "/p?q", "reviews:7", "reviews.shop.svc.cluster.local:7", "reviews:7",
         "/p?q", true},
    }),
    [](const auto& row) { return std::string(row.param.name); });

// Whatever was decoded before it, a URL comes to what it comes to alone.
TEST(RecycledDestinationTest, IsDecodedAnewWhereTheOriginIsAnother) {
  struct Step {
    const char* url;
    const char* authority;
  };
  constexpr Step kSteps[] = {
      {"http://a/p?q", ""},  {"http://a/r", ""},   {"http://a", ""},
      {"http://a?q", ""},    {"http://a#f", ""},   {"http://ab/p", ""},
      {"http://a:80/p", ""}, {"https://a/p", ""},  {"http://a/p", "b"},
      {"http://a/p", "c:1"}, {"http://a/p", ""},   {"/p", "b"},
      {"/q", "b"},           {"?q", "b"},          {"/q", ""},
      {"http://a b/", ""},   {"http://a/ p", ""},  {"http://a/p", ""},
      {"http://x.y/p", ""},  {"http://a/p", ""},   {"http://a.svc/p", ""},
      {"http://x.y./p", ""}, {"http://x.y/p", ""}, {"HTTP://x.y/p", ""},
  };
  Destination recycled;
  for (const Step& step : kSteps) {
    HttpRequest request;
    request.url = step.url;
    request.authority = step.authority;
    Destination alone;
    const absl::Status expected = alone.Decode(request, {});
    EXPECT_EQ(recycled.Decode(request, {}), expected) << step.url;
    if (!expected.ok()) continue;
    EXPECT_EQ(recycled.path, alone.path) << step.url;
    EXPECT_EQ(recycled.authority, alone.authority) << step.url;
    EXPECT_EQ(recycled.host_and_port, alone.host_and_port) << step.url;
    EXPECT_EQ(recycled.tls, alone.tls) << step.url;
    EXPECT_EQ(recycled.in_cluster_domain, alone.in_cluster_domain) << step.url;
    EXPECT_TRUE(std::ranges::equal(recycled.listeners(), alone.listeners())) << step.url;
  }
}

TEST(DestinationErrorTest, BadUrlsAreRefusedAndNamed) {
  for (const std::string url :
       {"", "/no-host", "reviews:9080/", "ftp://reviews/", "http://", "http://:80/",
        "http://user@host/", "http://a b/", "http://host/a b", "http://host/\r\nx: y",
        "http://host:0/", "http://host:99999/", "http://host:x/", "http://[::1/", "http://[1]/",
        "http://host/\xc3\xa4"}) {
    HttpRequest request;
    request.url = url;
    Destination destination;
    const absl::Status status = destination.Decode(request, {});
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << url;
  }
}

TEST(DestinationHttpsTest, HasAPortOfItsOwn) {
  struct Row {
    const char* url;
    bool tls;
    uint16_t port;
  };
  Destination destination;
  for (const Row& row : {Row{"https://reviews/", true, 443}, Row{"HTTPS://reviews:9/", true, 9},
                         Row{"http://reviews/", false, 80}, Row{"https://[::1]/", true, 443}}) {
    HttpRequest request;
    request.url = row.url;
    ASSERT_TRUE(destination.Decode(request, {}).ok()) << row.url;
    EXPECT_EQ(destination.tls, row.tls) << row.url;
    EXPECT_EQ(destination.port, row.port) << row.url;
  }
}

}  // namespace
}  // namespace meshlib::client
