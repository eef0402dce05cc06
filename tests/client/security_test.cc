// SPDX-License-Identifier: Apache-2.0
// How Calls are secured: by the Cluster, by the endpoint's mode, by the URL; and never less than
// that.

#include <gtest/gtest.h>

#include "client/client_fixture.h"
#include "fake/test_ca.h"
#include "fake/tls_peer.h"

namespace meshlib::client {
namespace {

using fake::Dns;
using fake::PeerConnection;
using fake::ScriptedPeer;
using fake::TestCa;
using snapshot::ClientTls;

const TestCa& Ca() {
  static const TestCa ca = TestCa::Root();
  return ca;
}

std::shared_ptr<const ClientTls> TlsTo(const std::string& host) {
  tls::ClientSettings settings;
  settings.roots = Ca().roots();
  settings.sni = host;
  settings.policy = host;
  settings.verifiers = {tls::HostVerifier(host)};
  return std::make_shared<const ClientTls>(std::move(settings), ClientTls::ByHost{}, "to " + host);
}
std::shared_ptr<const ClientTls> TlsByHost() {
  tls::ClientSettings settings;
  settings.roots = Ca().roots();
  settings.policy = "by host";
  return std::make_shared<const ClientTls>(
      std::move(settings), ClientTls::ByHost{.sni = true, .names = true}, "by host");
}

ScriptedPeer::Script TlsServer(const std::string& host, const std::string& body) {
  return fake::AnsweringTls(fake::ServerOf(Ca().Leaf({.names = {Dns(host)}})), body);
}
// Answers with the SNI.
ScriptedPeer::Script EchoingSni(const std::string& host) {
  auto context =
      tls::ServerContext::Create(fake::ServerOf(Ca().Leaf({.names = {Dns(host)}}))).value();
  return [context](PeerConnection& socket) {
    fake::TlsConnection connection(socket, context);
    if (!connection.Handshake()) return;
    while (!connection.ReadRequest().empty()) {
      connection.Answer(std::string(connection.engine().server_name()));
    }
  };
}

class SecurityTest : public ClientFixture {
 protected:
  void ServeSecuredCart(const std::vector<resource::Address>& peers,
                        std::shared_ptr<const ClientTls> always,
                        std::shared_ptr<const ClientTls> for_istio = nullptr,
                        resource::ForwardAction action = {}) {
    configuration_.Cluster("cart", peers)
        .Secured("cart", std::move(always), std::move(for_istio))
        .Listener(kCart, {RouteTo("cart", std::move(action))});
    Publish();
  }
};

TEST_F(SecurityTest, AClusterWithTlsIsCalledByTls) {
  ScriptedPeer peer(TlsServer("db.example", "hello"));
  ServeSecuredCart({peer.address()}, TlsTo("db.example"));
  EXPECT_EQ(Get("http://cart/"), "200 hello");
  EXPECT_EQ(Get("http://cart/"), "200 hello");
  EXPECT_EQ(peer.connections(), 1);
}

TEST_F(SecurityTest, TheEndpointsModeDecidesWhereTheClusterLeavesItToThem) {
  struct Row {
    resource::TlsMode mode;
    const char* answer;
  };
  for (const Row& row : {Row{resource::TlsMode::kIstio, "200 secured"},
                         Row{resource::TlsMode::kDisabled, "200 plain"}}) {
    const bool secured = row.mode == resource::TlsMode::kIstio;
    ScriptedPeer peer(secured ? TlsServer("db.example", "secured")
                              : ScriptedPeer::Answering("plain"));
    configuration_.Announcing(row.mode);
    ServeSecuredCart({peer.address()}, nullptr, TlsTo("db.example"));
    EXPECT_EQ(Get("http://cart/"), row.answer);
  }
}

TEST_F(SecurityTest, APolicyThatCannotBeFollowedFailsEveryCallAndSendsNothing) {
  ScriptedPeer peer(ScriptedPeer::Answering("plain"));
  ServeSecuredCart({peer.address()},
                   std::make_shared<const ClientTls>(
                       absl::NotFoundError("/ca.pem: No such file or directory"), "TLS"));
  EXPECT_EQ(Get("http://cart/"),
            "- 503: security: cluster \"cart\": /ca.pem: No such file or directory");
  EXPECT_EQ(peer.connections(), 0);
}

TEST_F(SecurityTest, AnotherServersCertificateIsAConnectionFailureThatSaysSo) {
  ScriptedPeer peer(TlsServer("other.example", "never"));
  ServeSecuredCart({peer.address()}, TlsTo("db.example"));
  const std::string told = Get("http://cart/");
  EXPECT_EQ(
      told.rfind("UF 503: connection: cluster \"cart\" endpoint " + peer.address().ToString() +
                     ": connect " + peer.address().ToString() + ": TLS",
                 0),
      0u)
      << told;
  EXPECT_NE(told.find("other.example"), std::string::npos) << told;
  EXPECT_NE(told.find("db.example"), std::string::npos) << told;
}

TEST_F(SecurityTest, AHandshakeThatFailedIsRetriedElsewhere) {
  ScriptedPeer wrong(TlsServer("other.example", "never"));
  ScriptedPeer right(TlsServer("db.example", "hello"));
  resource::ForwardAction action;
  action.retry_policy = resource::RetryPolicy{.retry_on = resource::kRetryOnConnectFailure,
                                              .num_retries = 3,
                                              .avoid_previous_endpoints = true,
                                              .host_selection_retry_max_attempts = 5};
  ServeSecuredCart({wrong.address(), right.address()}, TlsTo("db.example"), nullptr, action);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Get("http://cart/"), "200 hello");
}

TEST_F(SecurityTest, TheRequestsHostIsSniAndNameWhereThePolicySaysSo) {
  ScriptedPeer peer(EchoingSni("*.shop.example"));
  ServeSecuredCart({peer.address()}, TlsByHost());
  configuration_.Listener("a.shop.example:80", {RouteTo("cart")})
      .Listener("b.shop.example:80", {RouteTo("cart")});
  Publish();
  EXPECT_EQ(Get("http://a.shop.example/"), "200 a.shop.example");
  EXPECT_EQ(Get("http://b.shop.example/"), "200 b.shop.example");
  EXPECT_EQ(Get("http://a.shop.example/"), "200 a.shop.example");
  EXPECT_EQ(peer.connections(), 2);
  EXPECT_EQ(GetFlag("http://cart/"), "UF 503");
}

TEST_F(SecurityTest, AnHttpsUrlOutsideTheMeshIsCalledByTheMachinesRoots) {
  ScriptedPeer peer(EchoingSni("shop.example"));
  configuration_.Absent("shop.example:443")
      .Cluster("PassthroughCluster", {peer.address()})
      .Host("shop.example:443", "PassthroughCluster")
      .Urls(TlsByHost());
  Publish();
  EXPECT_EQ(Get("https://shop.example/"), "200 shop.example");
}

TEST_F(SecurityTest, AnHttpsUrlChecksTheHost) {
  ScriptedPeer peer(TlsServer("other.example", "never"));
  configuration_.Absent("shop.example:443")
      .Cluster("PassthroughCluster", {peer.address()})
      .Host("shop.example:443", "PassthroughCluster")
      .Urls(TlsByHost());
  Publish();
  EXPECT_EQ(GetFlag("https://shop.example/"), "UF 503");
}

TEST_F(SecurityTest, AnHttpsUrlChecksTheAddress) {
  ScriptedPeer peer(
      fake::AnsweringTls(fake::ServerOf(Ca().Leaf({.names = {fake::Ip("127.0.0.1")}})), "hello"));
  const std::string right = peer.address().ToString();
  configuration_.Absent(right)
      .Absent("127.0.0.2:443")
      .Cluster("PassthroughCluster", {peer.address()})
      .Host(right, "PassthroughCluster")
      .Host("127.0.0.2:443", "PassthroughCluster")
      .Urls(TlsByHost());
  Publish();
  EXPECT_EQ(Get("https://" + right + "/"), "200 hello");
  EXPECT_EQ(GetFlag("https://127.0.0.2/"), "UF 503");
}

TEST_F(SecurityTest, AnHttpsUrlOfAClusterWithoutTlsIsTlsToItsEndpoints) {
  ScriptedPeer peer(EchoingSni("cart"));
  configuration_.Cluster("cart", {peer.address()})
      .Listener("cart.default.svc.cluster.local:443", {RouteTo("cart")})
      .Urls(TlsByHost());
  Publish();
  EXPECT_EQ(Get("https://cart/"), "200 cart");
}

TEST_F(SecurityTest, AnHttpsUrlOfAClusterWithTlsUsesTheClustersPolicy) {
  ScriptedPeer peer(EchoingSni("db.example"));
  configuration_.Cluster("cart", {peer.address()})
      .Secured("cart", TlsTo("db.example"))
      .Listener("cart.default.svc.cluster.local:443", {RouteTo("cart")})
      .Urls(TlsByHost());
  Publish();
  EXPECT_EQ(Get("https://cart/"), "200 db.example");
}

TEST_F(SecurityTest, AnHttpsUrlWaitsForTheMachinesRoots) {
  ScriptedPeer peer(EchoingSni("cart"));
  configuration_.Cluster("cart", {peer.address()})
      .Listener("cart.default.svc.cluster.local:443", {RouteTo("cart")});
  Publish();
  std::string answer;
  std::thread caller([&] { answer = Get("https://cart/"); });
  demand_.Await("TLS of URLs");
  configuration_.Urls(TlsByHost());
  Publish();
  caller.join();
  EXPECT_EQ(answer, "200 cart");
}

}  // namespace
}  // namespace meshlib::client
