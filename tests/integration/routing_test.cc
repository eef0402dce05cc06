// SPDX-License-Identifier: Apache-2.0
// What a Call gets, by the YAML: routes, weights, faults, retries, time-outs.

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "integration/yaml_mesh.h"

namespace meshlib::integration {
namespace {

constexpr const char* kUrl = "http://shop.example/";

// Two peers, "one" as version v1 and "two" as v2, behind shop.example.
class RoutingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_.Write("empty.yaml", "");
    mesh_ = StartMesh(directory_, log_);
    one_ = StartPeer(*mesh_, "one");
    two_ = StartPeer(*mesh_, "two");
    Routes("  - route: [{destination: {host: shop.example, subset: v1}}]\n");
    directory_.Write("shop.yaml", ServiceEntryYaml("shop.example",
                                                   {{one_->port(), "v1"}, {two_->port(), "v2"}}) +
                                      SubsetsYaml("shop.example"));
    AwaitThat("shop.example answers", [&] { return BodyOf(*mesh_, kUrl) == "one"; });
  }

  void Routes(const std::string& http) {
    directory_.Write("routes.yaml", VirtualServiceYaml("shop.example", http));
  }
  // Writes routes and waits until `url` explains itself by them.
  void AwaitRoutes(const std::string& http, const std::function<bool(const Explanation&)>& live) {
    Routes(http);
    AwaitThat("the new routes", [&] {
      HttpRequest request;
      request.url = kUrl;
      auto explanation = mesh_->Explain(request);
      return explanation.ok() && live(*explanation);
    });
  }

  YamlDirectory directory_;
  LogLines log_;
  std::unique_ptr<Mesh> mesh_;
  std::unique_ptr<HttpServer> one_;
  std::unique_ptr<HttpServer> two_;
};

TEST_F(RoutingTest, HeadersChooseTheSubset) {
  AwaitRoutes(R"(  - match: [{headers: {end-user: {exact: jason}}}]
    route: [{destination: {host: shop.example, subset: v2}}]
  - route: [{destination: {host: shop.example, subset: v1}}]
)",
              [&](const Explanation&) {
                return BodyOf(*mesh_, kUrl, {.headers = {{"end-user", "jason"}}}) == "two";
              });
  EXPECT_EQ(BodyOf(*mesh_, kUrl), "one");
  EXPECT_EQ(BodyOf(*mesh_, kUrl, {.headers = {{"end-user", "eve"}}}), "one");
}

TEST_F(RoutingTest, MovesTrafficWithoutFailingACall) {
  Routes("  - route: [{destination: {host: shop.example, subset: v2}}]\n");
  int failed = 0;
  AwaitThat("version two", [&] {
    auto response = mesh_->http().Get(kUrl);
    if (!response.ok() || response->status != 200) ++failed;
    return response.ok() && response->body == "two";
  });
  EXPECT_EQ(failed, 0);
}

TEST_F(RoutingTest, WeightsSplitTraffic) {
  AwaitRoutes(R"(  - route:
    - {destination: {host: shop.example, subset: v1}, weight: 80}
    - {destination: {host: shop.example, subset: v2}, weight: 20}
)",
              [](const Explanation& e) { return e.clusters.size() == 2; });
  int one = 0;
  for (int i = 0; i < 1000; ++i) one += BodyOf(*mesh_, kUrl) == "one";
  EXPECT_NEAR(one, 800, 60);
}

TEST_F(RoutingTest, AnInjectedAbortAndADirectResponseAndARedirectAreResponses) {
  AwaitRoutes(R"(  - match: [{uri: {prefix: /abort}}]
    fault: {abort: {httpStatus: 418, percentage: {value: 100}}}
    route: [{destination: {host: shop.example, subset: v1}}]
  - match: [{uri: {prefix: /old}}]
    redirect: {uri: /new}
  - directResponse: {status: 202, body: {string: direct}}
)",
              [](const Explanation& e) { return e.status == 202; });
  EXPECT_EQ(mesh_->http().Get("http://shop.example/abort")->status, 418);
  const auto redirect = mesh_->http().Get("http://shop.example/old");
  ASSERT_TRUE(redirect.ok()) << redirect.status();
  EXPECT_EQ(redirect->status, 301);
  EXPECT_EQ(redirect->headers.Get("location"), "http://shop.example/new");
  EXPECT_EQ(BodyOf(*mesh_, kUrl), "direct");
}

TEST_F(RoutingTest, ARetryFindsTheEndpointThatIsAlive) {
  two_.reset();  // its port refuses connections from here on
  AwaitRoutes(R"(  - retries: {attempts: 3, retryOn: connect-failure}
    route: [{destination: {host: shop.example}}]
)",
              [](const Explanation& e) { return e.retry.find("3 ") != std::string::npos; });
  for (int i = 0; i < 50; ++i) EXPECT_EQ(BodyOf(*mesh_, kUrl), "one");
}

TEST_F(RoutingTest, ATimeoutFailsTheCallWithItsFlag) {
  std::mutex mutex;
  std::condition_variable released_changed;
  bool released = false;
  auto slow = StartPeer(*mesh_, [&](const HttpRequest&) {
    std::unique_lock<std::mutex> lock(mutex);
    released_changed.wait(lock, [&] { return released; });
    return HttpResponse::Text(200, "late");
  });
  directory_.Write("shop.yaml", ServiceEntryYaml("shop.example", {{slow->port(), "v1"}}));
  AwaitRoutes("  - timeout: 0.1s\n    route: [{destination: {host: shop.example}}]\n",
              [&](const Explanation& e) {
                return e.timeout == absl::Milliseconds(100) && e.endpoints.size() == 1;
              });
  const auto response = mesh_->http().Get(kUrl);
  ASSERT_FALSE(response.ok());
  ASSERT_TRUE(CallErrorOf(response.status()).has_value()) << response.status();
  EXPECT_EQ(CallErrorOf(response.status())->flag(), "UT");
  EXPECT_EQ(CallErrorOf(response.status())->http_status, 504);
  {
    std::lock_guard<std::mutex> lock(mutex);
    released = true;
  }
  released_changed.notify_all();
}

TEST_F(RoutingTest, RewritesAndHeaderOperationsReachThePeer) {
  auto echo = StartPeer(*mesh_, [](const HttpRequest& request) {
    return HttpResponse::Text(200, request.url + " " + request.authority + " " +
                                       std::string(request.headers.Get("x-added").value_or("-")) +
                                       std::string(request.headers.Get("x-removed").value_or("-")));
  });
  directory_.Write("shop.yaml", ServiceEntryYaml("shop.example", {{echo->port(), "v1"}}));
  AwaitRoutes(R"(  - match: [{uri: {prefix: /api}}]
    rewrite: {uri: /v2, authority: other.example}
    headers:
      request: {add: {x-added: "yes"}, remove: [x-removed]}
      response: {set: {x-answer: "42"}}
    route: [{destination: {host: shop.example}}]
  - route: [{destination: {host: shop.example}}]
)",
              [&](const Explanation& e) {
                return e.endpoints.size() == 1 &&
                       BodyOf(*mesh_, "http://shop.example/api/x").starts_with("/v2/x ");
              });
  const auto response =
      mesh_->http().Get("http://shop.example/api/x?q=1", {.headers = {{"x-removed", "here"}}});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "/v2/x?q=1 other.example yes-");
  EXPECT_EQ(response->headers.Get("x-answer"), "42");
}

TEST_F(RoutingTest, ExplainSaysWhatACallDoes) {
  AwaitRoutes("  - route: [{destination: {host: shop.example, subset: v2}}]\n",
              [&](const Explanation&) { return BodyOf(*mesh_, kUrl) == "two"; });
  HttpRequest request;
  request.url = kUrl;
  const Explanation explanation = mesh_->Explain(request).value();
  EXPECT_EQ(explanation.object, "VirtualService default/routes http[0]");
  EXPECT_EQ(explanation.action, "forward");
  EXPECT_EQ(explanation.subset, "v2");
  ASSERT_EQ(explanation.clusters.size(), 1u);
  EXPECT_EQ(explanation.clusters[0].name, "outbound|80|v2|shop.example");
  ASSERT_EQ(explanation.endpoints.size(), 1u);
  EXPECT_EQ(explanation.endpoints[0].address, two_->address());
  EXPECT_TRUE(explanation.endpoints[0].candidate);
}

}  // namespace
}  // namespace meshlib::integration
