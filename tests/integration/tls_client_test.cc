// SPDX-License-Identifier: Apache-2.0
// Calls over TLS to servers of other makes: https:// URLs, and DestinationRules from YAML to the
// wire.

#include <gtest/gtest.h>

#include "integration/tls_peers.h"
#include "integration/yaml_mesh.h"

namespace meshlib::integration {
namespace {

using fake::Dns;
using fake::TestCa;

// A DestinationRule for `host`; `tls` as in "{mode: SIMPLE}".
std::string TlsRule(const std::string& host, const std::string& tls) {
  return R"(---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: tls}
spec:
  host: )" +
         host + "\n  trafficPolicy:\n    tls: " + tls + "\n";
}

class TlsClientTest : public ::testing::Test {
 protected:
  TlsClientTest() {
    certificates_.WriteRoots("ca", ca_.pem());
    certificates_.WriteRoots("other-ca", other_ca_.pem());
    certificates_.Write(
        "server",
        ca_.Leaf({.names = {Dns("db.example"), Dns("localhost"), fake::Ip("127.0.0.1")}}));
    certificates_.Write("client", ca_.Leaf({.names = {Dns("client.example")}}));
    yaml_.Write("empty.yaml", "");
  }

  Mesh& mesh() {
    if (mesh_ == nullptr) {
      MeshOptions options = OptionsFor(yaml_, log_);
      options.system_roots = certificates_.Roots("ca");
      options.outbound_traffic_policy = policy_;
      auto started = Mesh::Start(std::move(options));
      EXPECT_TRUE(started.ok()) << started.status();
      mesh_ = *std::move(started);
    }
    return *mesh_;
  }
  // db.example is at `port`, and called as `tls` says.
  void ServeDb(uint16_t port, const std::string& tls) {
    yaml_.Write("db.yaml",
                ServiceEntryYaml("db.example", {{port, "v1"}}) + TlsRule("db.example", tls));
  }
  std::string Get(const std::string& url) { return BodyOf(mesh(), url); }
  // Configuration and files take a moment to arrive.
  void AwaitAnswer(const std::string& url, const std::string& text) {
    std::string last;
    AwaitThat(text, [&] {
      last = Get(url);
      return last.find(text) != std::string::npos;
    });
    if (last.find(text) == std::string::npos) ADD_FAILURE() << last;
  }
  std::string Url(const std::string& host, uint16_t port) {
    return "https://" + host + ":" + std::to_string(port) + "/";
  }
  std::string WithCa(const std::string& rest) {
    return "{caCertificates: " + certificates_.Roots("ca") + ", " + rest + "}";
  }
  std::string WithClient(const std::string& chain, const std::string& key) {
    return WithCa("mode: MUTUAL, clientCertificate: " + chain + ", privateKey: " + key +
                  ", subjectAltNames: [db.example], sni: db.example");
  }

  const TestCa ca_ = TestCa::Root();
  const TestCa other_ca_ = TestCa::Root({.common_name = "other"});
  Certificates certificates_;
  YamlDirectory yaml_;
  LogLines log_;
  OutboundTrafficPolicy policy_ = OutboundTrafficPolicy::kAllowAny;
  std::unique_ptr<Mesh> mesh_;
};

TEST_F(TlsClientTest, HttpsToAHostOutsideTheMesh) {
  const Program nginx = StartNginx(certificates_);
  EXPECT_EQ(Get(Url("localhost", nginx.port())), "TLSv1.3 localhost NONE");
  EXPECT_EQ(Get(Url("127.0.0.1", nginx.port())), "TLSv1.3  NONE");
}

TEST_F(TlsClientTest, HttpsToAnOlderServer) {
  const Program nginx = StartNginx(certificates_, {.protocols = "TLSv1.2"});
  EXPECT_EQ(Get(Url("localhost", nginx.port())), "TLSv1.2 localhost NONE");
}

TEST_F(TlsClientTest, HttpsToAServerThatIsTooOld) {
  const Program openssl = StartOpenssl(certificates_, {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  const std::string told = Get(Url("localhost", openssl.port()));
  EXPECT_NE(told.find("TLS"), std::string::npos) << told;
  EXPECT_EQ(told.find("<HTML>"), std::string::npos) << told;
}

TEST_F(TlsClientTest, HttpsToOpenssl) {
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    const Program openssl = StartOpenssl(certificates_, {version});
    const std::string page = Get(Url("localhost", openssl.port()));
    EXPECT_NE(page.find("TLSv1."), std::string::npos) << page;
  }
}

TEST_F(TlsClientTest, HttpsChecksTheHost) {
  certificates_.Write("other", ca_.Leaf({.names = {Dns("other.example")}}));
  const Program nginx = StartNginx(certificates_, {.server = "other"});
  for (const std::string& host : {"localhost", "127.0.0.1"}) {
    const std::string told = Get(Url(host, nginx.port()));
    EXPECT_NE(told.find("other.example"), std::string::npos) << told;
    EXPECT_NE(told.find(host), std::string::npos) << told;
  }
}

TEST_F(TlsClientTest, HttpsChecksTheAuthority) {
  certificates_.Write("stranger", other_ca_.Leaf({.names = {Dns("localhost")}}));
  const Program nginx = StartNginx(certificates_, {.server = "stranger"});
  const std::string told = Get(Url("localhost", nginx.port()));
  EXPECT_NE(told.find("TLS"), std::string::npos) << told;
  EXPECT_EQ(told.find("NONE"), std::string::npos) << told;
}

TEST_F(TlsClientTest, HttpsWithoutRootsSaysWhatIsMissing) {
  const Program nginx = StartNginx(certificates_);
  MeshOptions options = OptionsFor(yaml_, log_);
  options.system_roots = certificates_.Path("nothing.pem");
  auto mesh = Mesh::Start(std::move(options)).value();
  const std::string told = BodyOf(*mesh, Url("localhost", nginx.port()));
  EXPECT_NE(told.find("security: "), std::string::npos) << told;
  EXPECT_NE(told.find("nothing.pem: No such file or directory"), std::string::npos) << told;
}

TEST_F(TlsClientTest, HttpsToAPlaintextServerFails) {
  auto peer = StartPeer(mesh(), "plain");
  const std::string told = Get(Url("127.0.0.1", peer->port()));
  EXPECT_NE(told.find("TLS"), std::string::npos) << told;
}

// A registered host is called where the registry says, also where nothing else may be called.
TEST_F(TlsClientTest, HttpsToAServiceEntryIsTlsEndToEnd) {
  const Program nginx = StartNginx(certificates_);
  yaml_.Write("db.yaml", R"(
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db}
spec:
  hosts: [db.example]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{number: 443, name: https, protocol: HTTPS, targetPort: )" +
                             std::to_string(nginx.port()) + R"(}]
  endpoints: [{address: 127.0.0.1}]
)");
  policy_ = OutboundTrafficPolicy::kRegistryOnly;
  AwaitAnswer("https://db.example/", "TLSv1.3 db.example NONE");
  EXPECT_NE(Get("https://elsewhere.example/").find("REGISTRY_ONLY"), std::string::npos);
}

TEST_F(TlsClientTest, SimpleOriginatesTls) {
  for (const std::string& version : {"TLSv1.2", "TLSv1.3"}) {
    const Program nginx = StartNginx(certificates_, {.protocols = version});
    ServeDb(nginx.port(), WithCa("mode: SIMPLE, sni: db.example, subjectAltNames: [db.example]"));
    AwaitAnswer("http://db.example/", version + " db.example NONE");
    mesh_.reset();
  }
}

TEST_F(TlsClientTest, SimpleTakesNamesAndRootsFromRequestAndMachine) {
  const Program nginx = StartNginx(certificates_);
  ServeDb(nginx.port(), "{mode: SIMPLE}");
  AwaitAnswer("http://db.example/", "TLSv1.3 db.example NONE");
}

TEST_F(TlsClientTest, SimpleChecksSubjectAltNames) {
  const Program nginx = StartNginx(certificates_);
  ServeDb(nginx.port(), WithCa("mode: SIMPLE, sni: db.example, subjectAltNames: [x.example]"));
  AwaitAnswer("http://db.example/", "x.example");
  const auto answer = mesh().http().Get("http://db.example/");
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(CallErrorOf(answer.status())->flag(), "URX") << "Istio retries twice";
  EXPECT_NE(std::string(answer.status().message()).find("db.example, localhost, 127.0.0.1"),
            std::string::npos)
      << answer.status();
}

TEST_F(TlsClientTest, InsecureSkipVerifyChecksNothing) {
  certificates_.Write("stranger", TestCa::SelfSigned({.names = {Dns("nobody")}}));
  const Program nginx = StartNginx(certificates_, {.server = "stranger"});
  ServeDb(nginx.port(), "{mode: SIMPLE, insecureSkipVerify: true}");
  AwaitAnswer("http://db.example/", "TLSv1.3 db.example NONE");
}

TEST_F(TlsClientTest, MutualShowsTheClientsCertificate) {
  for (const std::string& version : {"TLSv1.2", "TLSv1.3"}) {
    const Program nginx = StartNginx(certificates_, {.protocols = version, .client_roots = "ca"});
    ServeDb(nginx.port(), WithClient(certificates_.Chain("client"), certificates_.Key("client")));
    AwaitAnswer("http://db.example/", version + " db.example SUCCESS");
    mesh_.reset();
  }
}

TEST_F(TlsClientTest, MutualWithOpenssl) {
  const Program openssl = StartOpenssl(certificates_, {"-Verify", "3", "-verify_return_error",
                                                       "-CAfile", certificates_.Roots("ca")});
  ServeDb(openssl.port(), WithClient(certificates_.Chain("client"), certificates_.Key("client")));
  AwaitAnswer("http://db.example/", "client.example");
}

TEST_F(TlsClientTest, ACertificateOfAStrangerGetsNowhere) {
  certificates_.Write("stranger", other_ca_.Leaf({.names = {Dns("client.example")}}));
  const Program openssl = StartOpenssl(certificates_, {"-Verify", "3", "-verify_return_error",
                                                       "-CAfile", certificates_.Roots("ca")});
  ServeDb(openssl.port(),
          WithClient(certificates_.Chain("stranger"), certificates_.Key("stranger")));
  AwaitAnswer("http://db.example/", "connection: ");
}

TEST_F(TlsClientTest, MismatchingKeyPairIsNamed) {
  certificates_.Write("other", ca_.Leaf({.names = {Dns("client.example")}}));
  const Program nginx = StartNginx(certificates_, {.client_roots = "ca"});
  ServeDb(nginx.port(), WithClient(certificates_.Chain("client"), certificates_.Key("other")));
  AwaitAnswer("http://db.example/", "security: ");
  const std::string told = Get("http://db.example/");
  EXPECT_NE(told.find(certificates_.Chain("client")), std::string::npos) << told;
  EXPECT_EQ(told.find("PRIVATE KEY"), std::string::npos) << told;
}

TEST_F(TlsClientTest, CaCertificatesThatDoNotExistFailUntilTheyDo) {
  const Program nginx = StartNginx(certificates_);
  ServeDb(nginx.port(),
          "{mode: SIMPLE, sni: db.example, caCertificates: " + certificates_.Roots("late") + "}");
  AwaitAnswer("http://db.example/", "late.pem: No such file or directory");
  certificates_.WriteRoots("late", "");
  AwaitAnswer("http://db.example/", "late.pem: there is no certificate in PEM");
  certificates_.WriteRoots("late", ca_.pem());
  AwaitAnswer("http://db.example/", "TLSv1.3 db.example NONE");
}

TEST_F(TlsClientTest, RotatedRootsAreFollowedAndABrokenFileIsNot) {
  const Program nginx = StartNginx(certificates_);
  certificates_.WriteRoots("turning", ca_.pem());
  ServeDb(nginx.port(), "{mode: SIMPLE, sni: db.example, caCertificates: " +
                            certificates_.Roots("turning") + "}");
  AwaitAnswer("http://db.example/", "TLSv1.3 db.example NONE");
  certificates_.WriteRoots("turning", "garbage");
  AwaitThat("a warning", [&] { return log_.Contain("the last good version stays in use"); });
  EXPECT_EQ(Get("http://db.example/"), "TLSv1.3 db.example NONE");
  bool reported = false;
  for (const ReportLine& line : mesh().Report()) {
    reported |= line.text.find("turning.pem") != std::string::npos;
  }
  EXPECT_TRUE(reported);
  certificates_.WriteRoots("turning", other_ca_.pem());
  AwaitAnswer("http://db.example/", "TLS to db.example");
  certificates_.WriteRoots("turning", other_ca_.pem() + ca_.pem());
  AwaitAnswer("http://db.example/", "TLSv1.3 db.example NONE");
}

// Istio's egress example: the program says http, the mesh goes out by TLS to port 443.
TEST_F(TlsClientTest, EgressTlsOrigination) {
  const Program nginx = StartNginx(certificates_);
  yaml_.Write("egress.yaml", R"(
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db}
spec:
  hosts: [db.example]
  location: MESH_EXTERNAL
  resolution: DNS
  ports: [{number: 80, name: http-port, protocol: HTTP, targetPort: )" +
                                 std::to_string(nginx.port()) + R"(}]
  endpoints: [{address: localhost}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: db}
spec:
  host: db.example
  trafficPolicy:
    portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE}}]
)");
  AwaitAnswer("http://db.example/", "TLSv1.3 db.example NONE");
  HttpRequest request;
  request.url = "http://db.example/";
  const auto explained = mesh().Explain(request, {});
  ASSERT_TRUE(explained.ok()) << explained.status();
  ASSERT_FALSE(explained->endpoints.empty());
  EXPECT_EQ(explained->endpoints[0].security.rfind("TLS, SNI is the request's host, roots ", 0), 0u)
      << explained->endpoints[0].security;
}

TEST_F(TlsClientTest, MutualTlsOfTheMeshIsNeverPlaintext) {
  std::atomic<int> served{0};
  auto peer = StartPeer(mesh(), [&](const HttpRequest&) {
    ++served;
    return HttpResponse::Text(200, "plain");
  });
  ServeDb(peer->port(), "{mode: ISTIO_MUTUAL}");
  AwaitThat("a failure of security", [&] {
    const std::string told = Get("http://db.example/");
    return told.find("TLS") != std::string::npos || told.find("security: ") != std::string::npos;
  });
  EXPECT_EQ(served, 0);
}

TEST_F(TlsClientTest, StoredSecretsAreRefused) {
  auto peer = StartPeer(mesh(), "plain");
  ServeDb(peer->port(), "{mode: SIMPLE, credentialName: db-credential}");
  AwaitAnswer("http://db.example/", "kubernetes://db-credential-cacert");
}

TEST_F(TlsClientTest, TheLibrarysOwnServer) {
  auto server = mesh().ServeHttp(
      {.address = "127.0.0.1",
       .mesh = false,
       .tls = ServerTls{.certificate_chain = PemFile{certificates_.Chain("server")},
                        .private_key = PemFile{certificates_.Key("server")},
                        .client_roots = PemFile{certificates_.Roots("ca")},
                        .require_client_certificate = true}},
      [](const HttpRequest&) { return HttpResponse::Text(200, "ours"); });
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_NE(Get(Url("127.0.0.1", (*server)->port())), "ours") << "without a certificate";
  ServeDb((*server)->port(),
          WithClient(certificates_.Chain("client"), certificates_.Key("client")));
  AwaitAnswer("http://db.example/", "ours");
}

// By the mesh's options, where the server's own say nothing.
TEST_F(TlsClientTest, TheLibrarysOwnServerEndsOldConnections) {
  MeshOptions options = OptionsFor(yaml_, log_);
  options.max_tls_connection_age = absl::Nanoseconds(1);
  const auto aging = Mesh::Start(std::move(options)).value();
  const auto serve = [&](Mesh& where) {
    return where
        .ServeHttp({.address = "127.0.0.1",
                    .mesh = false,
                    .tls = ServerTls{.certificate_chain = PemFile{certificates_.Chain("server")},
                                     .private_key = PemFile{certificates_.Key("server")}}},
                   [](const HttpRequest& request) {
                     return HttpResponse::Text(200, "from " + request.peer_address);
                   })
        .value();
  };
  const auto young = serve(mesh()), old = serve(*aging);
  const std::string kept = Get(Url("127.0.0.1", young->port()));
  EXPECT_EQ(kept.rfind("from 127.0.0.1:", 0), 0u) << kept;
  EXPECT_EQ(Get(Url("127.0.0.1", young->port())), kept);
  const std::string first = Get(Url("127.0.0.1", old->port()));
  AwaitThat("another connection", [&] {
    const std::string next = Get(Url("127.0.0.1", old->port()));
    return next.rfind("from ", 0) == 0 && next != first;
  });
}

}  // namespace
}  // namespace meshlib::integration
