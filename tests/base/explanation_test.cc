// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "meshlib/explain.h"

namespace meshlib {
namespace {

Explanation Forwarded() {
  Explanation is;
  is.listener = "reviews.default.svc.cluster.local:9080";
  is.virtual_host = "reviews";
  is.route = "default";
  is.action = "forward";
  is.clusters = {{"v1", 80}, {"v2", 20}};
  is.path = "/a\"b\\\t";
  is.authority = "caf\xe9";
  is.request_headers_added = {{"x-new", "v"}};
  is.request_headers_removed = {"x-old"};
  is.timeout = absl::Seconds(3);
  is.retry = "2 retries on reset";
  is.endpoints = {{.cluster = "v1",
                   .address = "127.0.0.1:9080",
                   .locality = "",
                   .candidate = true,
                   .why_not = "",
                   .tls_mode = "istio",
                   .security = "mutual TLS"},
                  {.cluster = "v1",
                   .address = "127.0.0.2:9080",
                   .locality = "",
                   .priority = 1,
                   .why_not = "unhealthy"}};
  return is;
}

TEST(ExplanationTest, IsOneLineOfJson) {
  EXPECT_EQ(Forwarded().ToJson(),
            R"({"listener":"reviews.default.svc.cluster.local:9080","virtual_host":"reviews",)"
            R"("route":"default","object":"","subset":"","action":"forward",)"
            R"("clusters":[{"name":"v1","weight":80},{"name":"v2","weight":20}],)"
            R"("path":"/a\"b\\\u0009","authority":"caf\u00e9",)"
            R"("request_headers_added":[["x-new","v"]],"request_headers_removed":["x-old"],)"
            R"("response_headers_added":[],"timeout_ms":3000,"retry":"2 retries on reset",)"
            R"("fault":"","status":0,"location":"","error":"",)"
            R"("endpoints":[{"cluster":"v1","address":"127.0.0.1:9080","locality":"",)"
            R"("priority":0,"weight":1,"candidate":true,"why_not":"",)"
            R"("tls_mode":"istio","security":"mutual TLS"},)"
            R"({"cluster":"v1","address":"127.0.0.2:9080","locality":"","priority":1,)"
            R"("weight":1,"candidate":false,"why_not":"unhealthy",)"
            R"("tls_mode":"","security":""}]})");
}

TEST(ExplanationTest, PrintsOnlyWhatApplies) {
  Explanation is;
  is.action = "redirect";
  is.status = 301;
  is.location = "https://shop/";
  EXPECT_EQ(is.ToString(),
            "action            redirect\n"
            "status            301\n"
            "location          https://shop/\n");
}

TEST(ExplanationTest, PrintsEndpointsWithTheReasonWhyTheyAreOut) {
  const std::string text = Forwarded().ToString();
  EXPECT_NE(text.find("clusters          v1 (weight 80), v2 (weight 20)\n"), text.npos) << text;
  EXPECT_NE(text.find("timeout           3s\n"), text.npos) << text;
  EXPECT_NE(text.find("127.0.0.2:9080 of v1, priority 1: out, unhealthy\n"), text.npos) << text;
}

}  // namespace
}  // namespace meshlib
