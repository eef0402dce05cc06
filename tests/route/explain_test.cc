// SPDX-License-Identifier: Apache-2.0
#include "route/explain.h"

#include <gtest/gtest.h>

#include "route/route_builder.h"

namespace meshlib::route {
namespace {

Explanation Explained(const RouteTable& table, std::string_view path, Headers headers = {}) {
  resource::HttpSettings settings;
  settings.has_fault_filter = true;
  Explanation explanation;
  Explain(table, settings, {"GET", path, "shop", "http", &headers}, 0, explanation);
  return explanation;
}

TEST(ExplainTest, TellsWhatWouldBeForwarded) {
  resource::Route route = Prefix("r", "/a");
  route.origin = {"VirtualService default/reviews", "http[0]"};
  resource::WeightedClusters weighted;
  weighted.clusters.resize(2);
  weighted.clusters[0].name = resource::ClusterName("outbound|9080|v1|reviews.default.svc");
  weighted.clusters[0].weight = 80;
  weighted.clusters[1].name = resource::ClusterName("outbound|9080|v2|reviews.default.svc");
  weighted.clusters[1].weight = 20;
  weighted.total_weight = 100;
  Forward(route).cluster = weighted;
  Forward(route).prefix_rewrite = "/new";
  Forward(route).timeout = absl::Seconds(3);
  Forward(route).retry_policy =
      resource::RetryPolicy{.retry_on = resource::kRetryOnReset | resource::kRetryOn5xx,
                            .num_retries = 2,
                            .per_try_timeout = absl::Seconds(1)};
  route.request_headers = {{{.name = "x-new", .value = "v"}}, {"x-old"}};
  route.response_headers = {{{.name = "x-back", .value = "%UPSTREAM_CLUSTER%"}}, {}};
  resource::FaultPolicy fault;
  fault.abort = resource::FaultAbort{.http_status = 503, .percentage = {125'000}};
  route.fault = fault;

  const Explanation is = Explained(*TableOf({route}), "/a/b?q", {{"x-old", "1"}});
  EXPECT_EQ(is.virtual_host, "all");
  EXPECT_EQ(is.route, "r");
  EXPECT_EQ(is.object, "VirtualService default/reviews http[0]");
  EXPECT_EQ(is.action, "forward");
  EXPECT_EQ(is.subset, "v1");
  ASSERT_EQ(is.clusters.size(), 2u);
  EXPECT_EQ(is.clusters[1].weight, 20u);
  EXPECT_EQ(is.path, "/new/b?q");
  EXPECT_EQ(is.authority, "shop");
  using Fields = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(is.request_headers_added,
            (Fields{{"x-new", "v"}, {"x-envoy-original-path", "/a/b?q"}}));
  EXPECT_EQ(is.request_headers_removed, std::vector<std::string>{"x-old"});
  EXPECT_EQ(is.response_headers_added,
            (Fields{{"x-back", "outbound|9080|v1|reviews.default.svc"}}));
  EXPECT_EQ(is.timeout, absl::Seconds(3));
  EXPECT_EQ(is.retry, "2 retries on 5xx,reset, each within 1s");
  EXPECT_EQ(is.fault, "abort 503 for 12.5%");
  EXPECT_EQ(is.status, 0);
  EXPECT_EQ(is.error, "");
}

TEST(ExplainTest, TellsWhatARouteAnswersItself) {
  resource::Route redirect = Prefix("moved", "/old");
  redirect.action = resource::RedirectAction{.https_redirect = true, .status = 308};
  resource::Route direct = Prefix("tea", "/tea");
  direct.action = resource::DirectResponse{.status = 418, .body = "tea"};
  resource::Route fail = Prefix("secure", "/secure");
  fail.action = resource::FailAction{"security: not supported yet"};
  const auto table = TableOf({redirect, direct, fail});

  Explanation is = Explained(*table, "/old/x");
  EXPECT_EQ(is.action, "redirect");
  EXPECT_EQ(is.status, 308);
  EXPECT_EQ(is.location, "https://shop/old/x");
  EXPECT_TRUE(is.response_headers_added.empty());
  is = Explained(*table, "/tea");
  EXPECT_EQ(is.action, "direct_response");
  EXPECT_EQ(is.status, 418);
  is = Explained(*table, "/secure");
  EXPECT_EQ(is.action, "fail");
  EXPECT_EQ(is.error, "security: not supported yet");
}

TEST(ExplainTest, TellsWhyNoRouteTakesTheRequest) {
  const auto table = RouteTable::Compile(
      Config({Host("h", {"shop"}, {Prefix("r", "/a")}), Host("other", {"other"}, {})}));
  Explanation is = Explained(*table, "/b");
  EXPECT_EQ(is.action, "none");
  EXPECT_EQ(is.virtual_host, "h");
  EXPECT_EQ(is.status, 404);
  EXPECT_EQ(is.error, "route: no route of the virtual host takes the request");
  const Headers none;
  Explain(*table, {}, {"GET", "/a", "elsewhere", "http", &none}, 0, is = {});
  EXPECT_EQ(is.error, "route: no virtual host takes the authority");
}

}  // namespace
}  // namespace meshlib::route
