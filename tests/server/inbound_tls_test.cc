// SPDX-License-Identifier: Apache-2.0
// A mesh port's policies: who gets in by which chain, and what becomes of connections when they
// change.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "access/policy.h"
#include "server/tls_server_fixture.h"

namespace meshlib::server {
namespace {

class InboundTlsTest : public TlsServerTest {
 protected:
  // Answers who the client is and what x-forwarded-client-cert says.
  void ServeWith(InboundPolicy policy) {
    policy_ = std::move(policy);
    Serve(LoopHandler([](ServerCall& call) {
      const HttpRequest& request = call.request();
      call.response().body = request.peer == nullptr ? "nobody" : request.peer->spiffe_id;
      call.response().body += "|";
      call.response().body += request.headers.Get("x-forwarded-client-cert").value_or("none");
      call.Finish();
    }));
  }
  bool Served(TlsClient client) { return client.Handshake() && client.Get("/").status == 200; }
  bool Served(RawClient client) { return client.Get("/").status == 200; }
};

TEST_F(InboundTlsTest, StrictTakesMutualTlsOnly) {
  ServeWith(Strict());
  EXPECT_TRUE(Served(ConnectTls(MutualClientTls())));
  EXPECT_FALSE(Served(ConnectTls()));
  EXPECT_FALSE(Served(Connect()));
}

// It comes with the end of the handshake, before the refusal does.
TEST_F(InboundTlsTest, ARefusedClientThatHasSentARequestSeesTheAlert) {
  ServeWith(Strict());
  TlsClient client = ConnectTls();
  ASSERT_TRUE(client.Handshake());
  client.Send(std::string(100'000, 'x'));
  EXPECT_EQ(client.ReadToEnd(), "");
  const std::string error(client.engine().error().message());
  EXPECT_NE(error.find("certificate"), std::string::npos) << error;
  client.EndSending();
  EXPECT_TRUE(client.EndsInPeace());
}

TEST_F(InboundTlsTest, PermissiveTakesBoth) {
  ServeWith(Permissive());
  EXPECT_TRUE(Served(ConnectTls(MutualClientTls())));
  EXPECT_TRUE(Served(Connect()));
  EXPECT_FALSE(Served(ConnectTls()));
}

TEST_F(InboundTlsTest, PermissiveReadsPlaintextByteByByte) {
  ServeWith(Permissive());
  RawClient client = Connect();
  for (const char byte : std::string("GET / HTTP/1.1\r\nhost: a\r\n\r\n")) client.Send({&byte, 1});
  EXPECT_EQ(client.Read().status, 200);
  TlsClient tls = ConnectTls(MutualClientTls());
  tls.set_step(1);
  EXPECT_TRUE(tls.Handshake());
  EXPECT_EQ(tls.Get("/").status, 200);
}

TEST_F(InboundTlsTest, TheMeshsProtocolIsAgreedOn) {
  ServeWith(Strict());
  TlsClient client = ConnectTls(MutualClientTls());
  ASSERT_TRUE(client.Handshake());
  EXPECT_EQ(client.engine().alpn(), "istio-http/1.1");
}

TEST_F(InboundTlsTest, BadInput19_ForwardedCertificatesOfThePeerAreReplaced) {
  ServeWith(Permissive());
  const std::string forged = std::string("x-forwarded-client-cert: URI=") + kReviews + "\r\n";
  TlsClient client = ConnectTls(MutualClientTls());
  ASSERT_TRUE(client.Handshake());
  const std::string body = client.Get("/", forged).body;
  EXPECT_EQ(body.find(std::string(kProductpage) + "|By=" + kReviews + ";Hash="), 0u) << body;
  EXPECT_NE(body.find(std::string(";Subject=\"\";URI=") + kProductpage), std::string::npos) << body;
  EXPECT_EQ(Connect().Get("/", forged).body, "nobody|none");
}

// Answers a request with the names of its headers.
Handler EchoNames() {
  return LoopHandler([](ServerCall& call) {
    for (const Headers::Field& field : call.request().headers) {
      call.response().body.append(field.name).append(" ");
    }
    call.Finish();
  });
}

constexpr const char* kInternalHeaders =
    "x-envoy-retry-on: 5xx\r\nX-Envoy-Internal: true\r\nx-envoy-upstream-rq-timeout-ms: 1\r\n"
    "x-envoy-internal: true\r\nx-envoy-decorator-operation: a\r\nx-envoy-peer-metadata: b\r\n";

TEST_F(InboundTlsTest, BadInput19_InternalHeadersOfThePeerAreRemoved) {
  policy_ = Permissive();
  Serve(EchoNames());
  const std::string kept = "x-envoy-decorator-operation x-envoy-peer-metadata ";
  EXPECT_EQ(Connect().Get("/", kInternalHeaders).body, kept);
  TlsClient client = ConnectTls(MutualClientTls());
  ASSERT_TRUE(client.Handshake());
  EXPECT_EQ(client.Get("/", kInternalHeaders).body, kept + "x-forwarded-client-cert ");
  // Being on a private address makes nobody internal, nor does saying so.
  EXPECT_EQ(
      Connect().Get("/", std::string(kInternalHeaders) + "x-forwarded-for: 10.0.0.1\r\n").body,
      kept + "x-forwarded-for ");
}

TEST_F(InboundTlsTest, BadInput19_RulesDoNotSeeInternalHeadersOfThePeer) {
  resource::RbacFilter allow;
  allow.rules.emplace();
  allow.rules->policies.push_back(
      {.name = "inside",
       .permissions = {{resource::HeaderMatcher{.name = "x-envoy-internal",
                                                .match = resource::PresentMatch{}}}},
       .principals = {{resource::RbacAny{}}}});
  policy_.default_chain->access = access::Policy::Compile({allow});
  policy_.default_chain->settings.internal_addresses = {
      resource::CidrRange::FromString("10.0.0.0/8").value()};
  Serve(EchoNames());
  EXPECT_EQ(Connect().Get("/", kInternalHeaders).status, 403);
  const std::string forwarded = "x-forwarded-for: 10.0.0.1\r\n";
  EXPECT_EQ(Connect().Get("/", forwarded + kInternalHeaders).status, 200);
  EXPECT_EQ(Connect().Get("/", "x-forwarded-for: 8.8.8.8\r\n" + forwarded).status, 403);
}

TEST_F(InboundTlsTest, BadInput19_AtTheEdgeTheConnectionSaysWhoIsInside) {
  resource::HttpSettings& settings = policy_.default_chain->settings;
  settings.use_remote_address = true;
  settings.internal_addresses = {resource::CidrRange::FromString("10.0.0.0/8").value()};
  Serve(EchoNames());
  const std::string forwarded = "x-forwarded-for: 10.0.0.1\r\n";
  EXPECT_EQ(Connect().Get("/", forwarded + kInternalHeaders).body,
            "x-forwarded-for x-envoy-peer-metadata x-envoy-external-address x-forwarded-proto ");
  InboundPolicy next = policy_;
  next.default_chain->settings.internal_addresses = {
      resource::CidrRange::FromString("127.0.0.0/8").value()};
  server_->Configure(std::move(next));
  while (Connect().Get("/", kInternalHeaders).body.find("x-envoy-retry-on") == std::string::npos) {
    std::this_thread::yield();
  }
  EXPECT_EQ(Connect().Get("/", forwarded + kInternalHeaders).body.find("x-envoy-retry-on"),
            std::string::npos);
}

TEST_F(InboundTlsTest, AServerOutsideTheMeshLeavesHeadersAlone) {
  auto server = Server::Start(Local(), EchoNames(), Dependencies());
  ASSERT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  server_->ConfigureByOptions();
  const std::string body = Connect().Get("/", kInternalHeaders).body;
  EXPECT_NE(body.find("x-envoy-internal x-envoy-upstream-rq-timeout-ms"), std::string::npos)
      << body;
}

TEST_F(InboundTlsTest, WithoutACertificateToShowNobodyGetsIn) {
  InboundPolicy policy = Strict();
  policy.default_chain->tls = []() -> absl::StatusOr<std::shared_ptr<const tls::ServerContext>> {
    return absl::FailedPreconditionError("this workload has no certificate");
  };
  ServeWith(std::move(policy));
  EXPECT_FALSE(Served(ConnectTls(MutualClientTls())));
  EXPECT_FALSE(Served(Connect()));
  EXPECT_NE(LogText().find("this workload has no certificate"), std::string::npos) << LogText();
}

TEST_F(InboundTlsTest, AConnectionWithoutAChainIsClosedAndSaid) {
  InboundPolicy policy = Permissive();
  policy.matches[0].application_protocols = {"istio"};
  policy.matches[1].server_names = {"a.example"};
  ServeWith(std::move(policy));
  EXPECT_FALSE(Served(ConnectTls()));
  EXPECT_FALSE(Served(Connect()));
  EXPECT_TRUE(Served(ConnectTls(MutualClientTls())));
  EXPECT_NE(LogText().find("no filter chain"), std::string::npos) << LogText();
}

TEST_F(InboundTlsTest, AChainWithoutHttpRefuses) {
  InboundPolicy policy;
  policy.default_chain->refusal = "its filter chain \"tcp\" has no HTTP";
  ServeWith(std::move(policy));
  EXPECT_TRUE(Connect().IsClosed());
  EXPECT_NE(LogText().find("has no HTTP"), std::string::npos) << LogText();
}

TEST_F(InboundTlsTest, EachHandshakeAsksForTheCertificate) {
  InboundPolicy policy = Strict();
  auto asked = std::make_shared<std::atomic<int>>(0);
  policy.default_chain->tls = [asked, inner = policy.default_chain->tls] {
    ++*asked;
    return inner();
  };
  ServeWith(std::move(policy));
  for (int i = 1; i <= 3; ++i) {
    EXPECT_TRUE(Served(ConnectTls(MutualClientTls())));
    EXPECT_EQ(*asked, i);
  }
}

// The client keeps its session; it was made under roots that are trusted no more.
TEST_F(InboundTlsTest, BadInput22_SessionsOfEarlierRootsAreNotResumed) {
  std::atomic<bool> rotated{false};
  InboundPolicy policy = Strict();
  tls::ServerSettings settings;
  settings.identity = reviews_.pair();
  settings.client_roots = fake::TestCa::Root().roots();
  settings.require_client_certificate = true;
  const auto next = tls::ServerContext::Create(std::move(settings)).value();
  policy.default_chain->tls = [&rotated, next, before = policy.default_chain->tls]()
      -> absl::StatusOr<std::shared_ptr<const tls::ServerContext>> {
    if (rotated) return next;
    return before();
  };
  ServeWith(std::move(policy));
  const auto client = MutualClientTls();
  EXPECT_TRUE(Served(ConnectTls(client)));
  TlsClient live = ConnectTls(client);
  ASSERT_TRUE(live.Handshake());
  EXPECT_TRUE(live.engine().resumed());
  EXPECT_EQ(live.Get("/").status, 200);
  rotated = true;
  EXPECT_FALSE(Served(ConnectTls(client)));
  EXPECT_FALSE(Served(ConnectTls(client)));
  EXPECT_EQ(live.Get("/").status, 200);
}

TEST_F(InboundTlsTest, PlaintextConnectionsEndWhenThePortBecomesStrict) {
  ServeWith(Permissive());
  RawClient plaintext = Connect();
  EXPECT_EQ(plaintext.Get("/").status, 200);
  TlsClient secure = ConnectTls(MutualClientTls());
  ASSERT_TRUE(secure.Handshake());
  EXPECT_EQ(secure.Get("/").status, 200);
  server_->Configure(Strict());
  EXPECT_TRUE(plaintext.IsClosed());
  EXPECT_EQ(secure.Get("/").status, 200);
  EXPECT_FALSE(Served(Connect()));
}

TEST_F(InboundTlsTest, ACallUnderWayIsAnsweredUnderTheOldPolicyAndIsTheLast) {
  policy_ = Permissive();
  Serve(HttpHandler([&](const HttpRequest&) {
    started_.Set();
    EXPECT_TRUE(go_on_.Wait());
    return HttpResponse::Text(200, "done");
  }));
  RawClient client = Connect();
  client.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\nGET /next HTTP/1.1\r\nhost: a\r\n\r\n");
  ASSERT_TRUE(started_.Wait());
  server_->Configure(Strict());
  // The new policy has reached all loops when a strict port refuses plaintext.
  while (Connect().Get("/").status != 0) std::this_thread::yield();
  go_on_.Set();
  const RawResponse response = client.Read();
  EXPECT_EQ(response.body, "done");
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(InboundTlsTest, AChangeOfRulesLeavesConnectionsUp) {
  ServeWith(Strict());
  TlsClient client = ConnectTls(MutualClientTls());
  ASSERT_TRUE(client.Handshake());
  EXPECT_EQ(client.Get("/").status, 200);
  InboundPolicy next = Strict();
  resource::RbacFilter nobody;  // ALLOW without policies: nobody may call
  nobody.rules.emplace();
  next.default_chain->access = access::Policy::Compile({nobody});
  server_->Configure(std::move(next));
  RawResponse response;
  do {
    response = client.Get("/");
  } while (response.status == 200);
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.body, "RBAC: access denied");
  // Refused Calls leave the connection up, too.
  EXPECT_EQ(client.Get("/").status, 403);
  client.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbody");
  EXPECT_EQ(client.Read().status, 403);
  EXPECT_EQ(client.Get("/").status, 403);
  EXPECT_NE(LogText().find("rbac_access_denied"), std::string::npos) << LogText();
}

// Everybody decides by the one canonical path, or the request is refused before.
TEST_F(InboundTlsTest, BadInput11_NoSpellingOfATargetGetsPastTheRules) {
  resource::RbacFilter deny;
  deny.rules.emplace();
  deny.rules->action = resource::RbacRules::Action::kDeny;
  deny.rules->policies.push_back(
      {.name = "admin",
       .permissions = {{resource::RbacPath{
           {.kind = resource::StringMatcher::Kind::kPrefix, .value = "/admin"}}}},
       .principals = {{resource::RbacAny{}}}});
  InboundPolicy policy;
  policy.default_chain->access = access::Policy::Compile({deny});
  policy.default_chain->settings.normalize_path = true;
  policy.default_chain->settings.escaped_slashes = resource::EscapedSlashes::kReject;
  ServeWith(std::move(policy));
  const struct {
    std::string target;
    int status;
  } rows[] = {
      {"/", 200},
      {"/admin", 403},
      {"http://a/admin", 403},
      {"HTTP://a/x/../admin", 403},
      {"/x/..;y/%61dmin", 403},
      {"//../admin", 403},
      {"/x%2f..%2fadmin", 400},
      {"admin", 400},
      {"/admin#x", 400},
      {"/x#/../admin", 400},
      {"/a b", 400},
      {std::string("/ad\0min", 7), 400},
      {"", 400},
  };
  for (const auto& row : rows) {
    RawClient client = Connect();
    client.Send("GET " + row.target + " HTTP/1.1\r\nhost: a\r\n\r\n");
    EXPECT_EQ(client.Read().status, row.status) << row.target;
  }
}

TEST_F(InboundTlsTest, ShadowRulesAndAuditsAreToldAndRefuseNothing) {
  resource::RbacFilter shadow;
  shadow.shadow_rules.emplace();  // ALLOW without policies
  resource::RbacFilter audit;
  audit.rules.emplace();
  audit.rules->action = resource::RbacRules::Action::kLog;
  audit.rules->policies.push_back({.name = "everything",
                                   .permissions = {{resource::RbacAny{}}},
                                   .principals = {{resource::RbacAny{}}}});
  InboundPolicy policy = Permissive();
  for (InboundChain& chain : policy.chains) {
    chain.access = access::Policy::Compile({shadow, audit});
  }
  if (policy.default_chain) policy.default_chain->access = policy.chains[0].access;
  ServeWith(std::move(policy));
  EXPECT_TRUE(Served(Connect()));
  EXPECT_NE(LogText().find("would have refused"), std::string::npos) << LogText();
  EXPECT_NE(LogText().find(": everything"), std::string::npos) << LogText();
}

TEST_F(InboundTlsTest, TlsToAPlaintextChainOfAPermissivePortIsClosed) {
  InboundPolicy policy = Permissive();
  policy.matches[0].server_names = {"a.example"};
  policy.default_chain.emplace();
  ServeWith(std::move(policy));
  EXPECT_FALSE(Served(ConnectTls(MutualClientTls())));
  EXPECT_NE(LogText().find("TLS where plaintext is due"), std::string::npos) << LogText();
}

}  // namespace
}  // namespace meshlib::server
