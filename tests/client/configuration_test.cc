// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "client/client_fixture.h"

namespace meshlib::client {
namespace {

using fake::PeerConnection;
using fake::ScriptedPeer;

class ConfigurationTest : public ClientFixture {
 protected:
  // Gets `url` on a thread of its own while `meanwhile` runs.
  std::string GetWhile(const std::string& url, const std::function<void()>& meanwhile,
                       const CallOptions& options = {}) {
    client();
    std::string result;
    std::thread caller([&] { result = Get(url, options); });
    meanwhile();
    caller.join();
    return result;
  }
};

TEST_F(ConfigurationTest, AnUnknownListenerIsRequiredAndWaitedFor) {
  ScriptedPeer peer(ScriptedPeer::Answering("hello"));
  EXPECT_EQ(GetWhile("http://cart/",
                     [&] {
                       demand_.Await(kCart);
                       ServeCart({peer.address()});
                     }),
            "200 hello");
}

TEST_F(ConfigurationTest, ConfigurationThatDoesNotArriveFailsTheCallAtItsDeadline) {
  EXPECT_EQ(GetFlag("http://cart/", {.deadline = absl::Milliseconds(30)}), "NC 503");
}

TEST_F(ConfigurationTest, AnAbsentNameOfTheClusterDomainHasNoRouteAndIsNeverPassedThrough) {
  configuration_.Absent(kCart);
  Publish();
  EXPECT_EQ(Get("http://cart/"),
            std::string("NR 404: snapshot: there is no Listener \"") + kCart + "\"");
  EXPECT_FALSE(demand_.Has("host cart:80"));
}

TEST_F(ConfigurationTest, AHostOutsideTheMeshIsResolvedAndCalledDirectly) {
  ScriptedPeer peer(ScriptedPeer::Answering("outside"));
  configuration_.Absent("api.example.com:8080");
  Publish();
  EXPECT_EQ(GetWhile("http://api.example.com:8080/",
                     [&] {
                       demand_.Await("host api.example.com:8080");
                       configuration_.Cluster("PassthroughCluster", {peer.address()})
                           .Host("api.example.com:8080", "PassthroughCluster");
                       Publish();
                     }),
            "200 outside");
}

TEST_F(ConfigurationTest, AnIpv6LiteralIsCalledDirectly) {
  ScriptedPeer v6(ScriptedPeer::Answering("v6"), "[::1]:0");
  configuration_.Absent("[::1]:8080").Cluster("out", {v6.address()}).Host("::1:8080", "out");
  Publish();
  EXPECT_EQ(Get("http://[::1]:8080/"), "200 v6");
}

TEST_F(ConfigurationTest, TheNextAddressOfAHostOutsideIsTriedWhenOneRefuses) {
  ScriptedPeer v6(ScriptedPeer::Answering("v6"), "[::1]:0");
  configuration_.Absent("api.example.com:80")
      .AlsoAt({v6.address()})
      .Cluster("out", {resource::Address::FromIp("127.0.0.1", v6.port()).value()})
      .Host("api.example.com:80", "out");
  Publish();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Get("http://api.example.com/"), "200 v6");
}

TEST_F(ConfigurationTest, AClusterOfTheOriginalDestinationIsCalledWhereTheUrlSays) {
  ScriptedPeer peer(ScriptedPeer::Answering("there"));
  resource::Cluster cluster;
  cluster.discovery = resource::OriginalDestination{};
  configuration_.Cluster("api", {}, cluster)
      .Listener("api.example.com:80", {RouteTo("api")})
      .Listener(kCart, {RouteTo("api")});
  Publish();
  EXPECT_EQ(
      GetWhile("http://api.example.com/",
               [&] {
                 demand_.Await("host api.example.com:80");
                 configuration_.Cluster("out", {peer.address()}).Host("api.example.com:80", "out");
                 Publish();
               }),
      "200 there");
  EXPECT_EQ(GetFlag("http://cart/"), "UH 503") << "DNS is never asked for names of the cluster";
}

TEST_F(ConfigurationTest, AControlPlaneThatSaysNothingIsWaitedForOnlySoLong) {
  ScriptedPeer peer(ScriptedPeer::Answering("outside"));
  ClientOptions options;
  options.unknown_host_wait = absl::Milliseconds(20);
  MakeClient(options);
  Publish();
  EXPECT_EQ(
      GetWhile(
          "http://api.example.com:8080/",
          [&] {
            demand_.Await("api.example.com:8080");
            demand_.Await("host api.example.com:8080");
            configuration_.Cluster("out", {peer.address()}).Host("api.example.com:8080", "out");
            Publish();
          }),
      "200 outside");
  // The next Call does not wait at all.
  EXPECT_EQ(Get("http://api.example.com:8080/"), "200 outside");
}

TEST_F(ConfigurationTest, NothingLeavesTheMeshBeforeTheControlPlaneHasAnswered) {
  ScriptedPeer peer(ScriptedPeer::Answering("outside"));
  ClientOptions options;
  options.unknown_host_wait = absl::ZeroDuration();
  MakeClient(options);
  configuration_.Cluster("out", {peer.address()}).Host("api.example.com:8080", "out");
  Publish();
  demand_.has_answered = false;
  const auto refused =
      client().Get("http://other.example.com:8080/", {.deadline = absl::Milliseconds(100)});
  EXPECT_EQ(CallErrorOf(refused.status())->reason, CallErrorReason::kNotReady) << refused.status();
  EXPECT_FALSE(demand_.Has("host other.example.com:8080"));
  EXPECT_LE(demand_.has_answered_asked, 10) << "the loop spins";
  demand_.has_answered = true;
  EXPECT_EQ(GetWhile("http://other.example.com:8080/",
                     [&] {
                       demand_.Await("host other.example.com:8080");
                       configuration_.Host("other.example.com:8080", "out");
                       Publish();
                     }),
            "200 outside");
}

TEST_F(ConfigurationTest, RegistryOnlyRefusesHostsOutsideTheMesh) {
  ClientOptions options;
  options.outbound_traffic_policy = OutboundTrafficPolicy::kRegistryOnly;
  MakeClient(options);
  configuration_.Absent("api.example.com:80").Absent("api.example.com:9999");
  ServeCart({});
  EXPECT_EQ(GetFlag("http://api.example.com/"), "NR 502");
  EXPECT_EQ(GetFlag("http://api.example.com:9999/"), "NR 404");
}

TEST_F(ConfigurationTest, TheNewRouteIsUsedByTheNextCall) {
  ScriptedPeer a(ScriptedPeer::Answering("a"));
  ScriptedPeer b(ScriptedPeer::Answering("b"));
  configuration_.Cluster("a", {a.address()}).Cluster("b", {b.address()});
  configuration_.Listener(kCart, {RouteTo("a")});
  Publish();
  EXPECT_EQ(Get("http://cart/"), "200 a");
  configuration_.Listener(kCart, {RouteTo("b")});
  Publish();
  EXPECT_EQ(Get("http://cart/"), "200 b");
}

TEST_F(ConfigurationTest, ARouteToAClusterThatIsNotThereFailsWithItsConfiguredStatus) {
  resource::ForwardAction action;
  action.cluster_not_found_status = 404;
  configuration_.Listener(kCart, {RouteTo("gone", action)});
  Publish();
  EXPECT_EQ(Get("http://cart/"), "NC 404: route: Route \"to-gone\": there is no cluster \"gone\"");
}

TEST_F(ConfigurationTest, RedirectsDirectResponsesAndAbortsAreResponses) {
  resource::Route direct;
  direct.match.path.value = "/direct";
  direct.action = resource::DirectResponse{.status = 418, .body = "teapot"};
  resource::Route redirect;
  redirect.match.path.value = "/redirect";
  redirect.action = resource::RedirectAction{.path_redirect = "/elsewhere"};
  resource::Route fault = RouteTo("cart");
  fault.fault = resource::FaultPolicy{
      .abort = resource::FaultAbort{.http_status = 555, .percentage = {1'000'000}}};
  resource::HttpSettings http;
  http.has_fault_filter = true;
  configuration_.Cluster("cart", {}).Listener(kCart, {direct, redirect, fault}, http);
  Publish();
  EXPECT_EQ(Get("http://cart/direct"), "418 teapot");
  const auto answer = client().Get("http://cart/redirect");
  EXPECT_EQ(answer->status, 301);
  EXPECT_EQ(answer->headers.Get("location"), "http://cart/elsewhere");
  EXPECT_EQ(Get("http://cart/"), "555 fault filter abort");
}

TEST_F(ConfigurationTest, AnswersOfOurOwnToGrpcRequestsAreGrpcErrors) {
  resource::Route direct;
  direct.match.path.value = "/direct";
  direct.action = resource::DirectResponse{.status = 503, .body = "closed"};
  resource::Route fault = RouteTo("cart");
  fault.fault = resource::FaultPolicy{
      .abort = resource::FaultAbort{.grpc_status = 8, .percentage = {1'000'000}}};
  resource::HttpSettings http;
  http.has_fault_filter = true;
  configuration_.Cluster("cart", {}).Listener(kCart, {direct, fault}, http);
  Publish();
  const CallOptions grpc{.headers = {{"content-type", "application/grpc"}}};
  const auto closed = client().Post("http://cart/direct", "", "", grpc);
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_EQ(closed->status, 200);
  EXPECT_EQ(closed->headers, (Headers{{"content-type", "application/grpc"},
                                      {"grpc-status", "14"},
                                      {"grpc-message", "closed"}}));
  EXPECT_EQ(closed->body, "");
  const auto aborted = client().Post("http://cart/", "", "", grpc);
  ASSERT_TRUE(aborted.ok()) << aborted.status();
  EXPECT_EQ(aborted->headers, (Headers{{"content-type", "application/grpc"},
                                       {"grpc-status", "8"},
                                       {"grpc-message", "fault filter abort"}}));
}

TEST_F(ConfigurationTest, AFaultDelayHoldsTheRequestBack) {
  ScriptedPeer peer(ScriptedPeer::Answering("late"));
  resource::Route route = RouteTo("cart");
  route.fault = resource::FaultPolicy{
      .delay = resource::FaultDelay{.fixed = absl::Milliseconds(40), .percentage = {1'000'000}}};
  resource::HttpSettings http;
  http.has_fault_filter = true;
  configuration_.Cluster("cart", {peer.address()}).Listener(kCart, {route}, http);
  Publish();
  const absl::Time start = clock_.Now();
  EXPECT_EQ(Get("http://cart/"), "200 late");
  EXPECT_GE(clock_.Now() - start, absl::Milliseconds(40));
}

TEST_F(ConfigurationTest, PathsAndHeadersAreRewrittenOnTheWay) {
  std::string head;
  ScriptedPeer peer([&](PeerConnection& connection) {
    head = connection.ReadRequest();
    connection.Answer("");
  });
  resource::ForwardAction action;
  action.prefix_rewrite = "/v2/";
  resource::Route route = RouteTo("cart", action);
  route.request_headers.add = {{.name = "x-route", .value = "1"}};
  route.response_headers.add = {{.name = "x-answer", .value = "2"}};
  configuration_.Cluster("cart", {peer.address()}).Listener(kCart, {route});
  Publish();
  const auto answer = client().Get("http://cart/items");
  EXPECT_EQ(answer->headers.Get("x-answer"), "2");
  EXPECT_TRUE(head.starts_with("GET /v2/items HTTP/1.1\r\n")) << head;
  EXPECT_NE(head.find("x-route: 1\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("x-envoy-original-path: /items\r\n"), std::string::npos) << head;
}

TEST_F(ConfigurationTest, WhatAsksForSecurityWeCannotDoFailsAndIsNeverSent) {
  ScriptedPeer peer(ScriptedPeer::Answering("plaintext"));
  resource::Cluster cluster;
  cluster.unusable = "security: mutual TLS is not supported yet";
  ServeCart({peer.address()}, {}, cluster);
  EXPECT_EQ(Get("http://cart/"), "- 503: security: mutual TLS is not supported yet");
  resource::Cluster tls;
  tls.security.always = resource::TlsContext{};
  ServeCart({peer.address()}, {}, tls);
  EXPECT_EQ(GetFlag("http://cart/"), "- 503");
  EXPECT_EQ(peer.connections(), 0);
}

TEST_F(ConfigurationTest, AMalformedUrlIsAnInvalidRequest) {
  EXPECT_EQ(Get("cart"),
            "- 400: client: URL is not absolute (http[s]://HOST[:PORT]/PATH): \"cart\"");
}

TEST_F(ConfigurationTest, OldSnapshotsAreLetGoOf) {
  ScriptedPeer peer(ScriptedPeer::Answering("hello"));
  ServeCart({peer.address()});
  std::weak_ptr<const snapshot::MeshSnapshot> old = published_.Latest();
  EXPECT_EQ(Get("http://cart/"), "200 hello");
  Publish();
  for (size_t i = 0; i < threads_->size(); ++i) threads_->RunOn(i, [] {});
  client().Visit();
  EXPECT_TRUE(old.expired());
}

}  // namespace
}  // namespace meshlib::client
