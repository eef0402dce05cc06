// SPDX-License-Identifier: Apache-2.0
#include "tls/engine.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fake/test_ca.h"
#include "tls/engine_pair.h"

namespace meshlib::tls {
namespace {

using fake::Dns;
using fake::TestCa;
using fake::TestIdentity;
using Step = Engine::Step;

// Both protocol versions from the same body.
class EngineTest : public testing::TestWithParam<ProtocolVersion> {
 protected:
  ClientSettings Client() const {
    return {.roots = ca_.roots(),
            .verifiers = {HostVerifier("reviews")},
            .sni = "reviews",
            .max_version = GetParam()};
  }
  ServerSettings Server() const { return {.identity = serving_.pair(), .max_version = GetParam()}; }

  const TestCa ca_ = TestCa::Root();
  const TestIdentity serving_ = ca_.Leaf({.common_name = "reviews", .names = {Dns("reviews")}});
};

INSTANTIATE_TEST_SUITE_P(Versions, EngineTest,
                         testing::Values(ProtocolVersion::kTls12, ProtocolVersion::kTls13),
                         [](const auto& version) {
                           return version.param == ProtocolVersion::kTls12 ? "Tls12" : "Tls13";
                         });

TEST_P(EngineTest, CarriesBytesBothWays) {
  EnginePair pair(MakeClient(Client()), MakeServer(Server()));
  ASSERT_TRUE(pair.Shake()) << pair.Errors();
  EXPECT_EQ(pair.client.version(), GetParam() == ProtocolVersion::kTls12 ? "TLSv1.2" : "TLSv1.3");
  EXPECT_EQ(pair.server.version(), pair.client.version());
  EXPECT_EQ(pair.ToServer("hello"), "hello");
  EXPECT_EQ(pair.ToClient("and back"), "and back");
  EXPECT_FALSE(pair.client.resumed());
}

TEST_P(EngineTest, CarriesLargeMessagesInPiecesOfAnySize) {
  std::string large(100'000, '\0');
  for (size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31);
  EnginePair pair(MakeClient(Client()), MakeServer(Server()));
  ASSERT_TRUE(pair.Shake()) << pair.Errors();
  for (const size_t piece : {size_t{1000}, size_t{16'384}, kWhole}) {
    EXPECT_EQ(pair.ToServer(large, piece), large) << piece;
    EXPECT_EQ(pair.ToClient(large, piece), large) << piece;
  }
}

TEST_P(EngineTest, ShakesHandsByteByByte) {
  const auto client = MakeClient(Client());
  const auto server = MakeServer(Server());
  for (const size_t piece : std::vector<size_t>{1, 2, 3, 7, 64, 500}) {
    EnginePair pair(client, server);
    ASSERT_TRUE(pair.Shake(piece)) << piece << pair.Errors();
    EXPECT_EQ(pair.ToServer("hello", piece), "hello");
  }
}

TEST_P(EngineTest, ReadsTheSameAtEverySplit) {
  const std::string text = "a message of some bytes";
  EnginePair pair(MakeClient(Client()), MakeServer(Server()));
  ASSERT_TRUE(pair.Shake()) << pair.Errors();
  ASSERT_EQ(pair.client.Write(text).step, Step::kDone);
  const size_t size = pair.client.output().size();
  pair.client.Sent(size);
  for (size_t split = 0; split <= size; ++split) {
    EnginePair other(MakeClient(Client()), MakeServer(Server()));
    ASSERT_TRUE(other.Shake()) << other.Errors();
    ASSERT_EQ(other.client.Write(text).step, Step::kDone);
    const std::string bytes(other.client.output());
    ASSERT_EQ(bytes.size(), size);
    other.server.Receive({bytes.data(), split});
    std::string read = ReadAll(other.server);
    other.server.Receive({bytes.data() + split, size - split});
    read += ReadAll(other.server);
    EXPECT_EQ(read, text) << split;
  }
}

TEST_P(EngineTest, ShowsTheServersCertificateToTheClientOnly) {
  EnginePair pair(MakeClient(Client()), MakeServer(Server()));
  ASSERT_TRUE(pair.Shake()) << pair.Errors();
  ASSERT_NE(pair.client.peer(), nullptr);
  EXPECT_EQ(pair.client.peer()->subject, "CN=reviews");
  EXPECT_EQ(pair.client.peer()->issuer, "CN=root");
  EXPECT_EQ(pair.client.peer()->names,
            (std::vector<SubjectAltName>{{SubjectAltName::Type::kDns, "reviews"}}));
  EXPECT_EQ(pair.client.peer()->leaf_pem, serving_.chain_pem);
  EXPECT_EQ(pair.client.peer()->sha256.size(), 64u);
  EXPECT_EQ(pair.server.peer(), nullptr);
}

TEST_P(EngineTest, ShowsTheClientsCertificateToAServerThatAsks) {
  ServerSettings server = Server();
  server.client_roots = ca_.roots();
  server.require_client_certificate = true;
  ClientSettings client = Client();
  client.identity = ca_.Workload("spiffe://cluster.local/ns/default/sa/web").pair();
  EnginePair pair(MakeClient(client), MakeServer(server));
  ASSERT_TRUE(pair.Shake()) << pair.Errors();
  ASSERT_NE(pair.server.peer(), nullptr);
  EXPECT_EQ(pair.server.peer()->subject, "");
  EXPECT_TRUE(pair.server.peer()->names_critical);
  EXPECT_EQ(pair.server.peer()->names,
            (std::vector<SubjectAltName>{
                {SubjectAltName::Type::kUri, "spiffe://cluster.local/ns/default/sa/web"}}));
}

TEST_P(EngineTest, LetsAnonymousClientsInWhereCertificatesAreOptional) {
  ServerSettings server = Server();
  server.client_roots = ca_.roots();
  EnginePair pair(MakeClient(Client()), MakeServer(server));
  ASSERT_TRUE(pair.Shake()) << pair.Errors();
  EXPECT_EQ(pair.server.peer(), nullptr);
}

TEST_P(EngineTest, RefusesAnonymousClientsWhereCertificatesAreRequired) {
  ServerSettings server = Server();
  server.name = "0.0.0.0:9080";
  server.client_roots = ca_.roots();
  server.require_client_certificate = true;
  ClientSettings client = Client();
  client.name = "reviews:9080";
  EnginePair pair(MakeClient(client), MakeServer(server));
  EXPECT_FALSE(pair.Shake());
  EXPECT_EQ(pair.server.error(),
            absl::UnauthenticatedError("TLS on 0.0.0.0:9080: the client showed no certificate, and "
                                       "one is required"));
  const bool is_12 = GetParam() == ProtocolVersion::kTls12;
  EXPECT_EQ(pair.client.error().message(),
            is_12 ? "TLS to reviews:9080: the peer refused us: alert handshake_failure"
                  : "TLS to reviews:9080: the peer refused us: alert certificate_required");
}

struct AlpnRow {
  std::vector<std::string> client;
  std::vector<std::string> server;
  std::string chosen;
};

TEST_P(EngineTest, ServerChoosesTheProtocolByItsOrder) {
  const AlpnRow rows[] = {
      {{"h2", "http/1.1"}, {"h2", "http/1.1"}, "h2"},
      {{"h2", "http/1.1"}, {"http/1.1", "h2"}, "http/1.1"},
      {{"istio-http/1.1", "istio"}, {"istio"}, "istio"},
      {{"h2"}, {"http/1.1"}, ""},
      {{}, {"http/1.1"}, ""},
      {{"h2"}, {}, ""},
  };
  for (const AlpnRow& row : rows) {
    ClientSettings client = Client();
    client.alpn = row.client;
    ServerSettings server = Server();
    server.alpn = row.server;
    EnginePair pair(MakeClient(client), MakeServer(server));
    ASSERT_TRUE(pair.Shake()) << pair.Errors();
    EXPECT_EQ(pair.client.alpn(), row.chosen);
    EXPECT_EQ(pair.server.alpn(), row.chosen);
  }
}

TEST_P(EngineTest, TellsTheServerTheNameAskedFor) {
  ClientSettings client = Client();
  client.verifiers.clear();
  for (const char* sni : {"reviews", "outbound_.9080_._.reviews.default.svc.cluster.local", ""}) {
    client.sni = sni;
    EnginePair pair(MakeClient(client), MakeServer(Server()));
    ASSERT_TRUE(pair.Shake()) << pair.Errors();
    EXPECT_EQ(pair.server.server_name(), sni);
  }
}

TEST_P(EngineTest, EndsWhereThePeerSaysGoodbye) {
  EnginePair pair(MakeClient(Client()), MakeServer(Server()));
  ASSERT_TRUE(pair.Shake()) << pair.Errors();
  ASSERT_EQ(pair.server.Write("last").step, Step::kDone);
  pair.server.Close();
  Carry(pair.server, pair.client);
  pair.client.ReceiveEnd();
  char buffer[100];
  EXPECT_EQ(pair.client.Read(buffer).bytes, 4u);
  EXPECT_EQ(pair.client.Read(buffer).step, Step::kEnd);
  EXPECT_EQ(pair.client.Read(buffer).step, Step::kEnd);
  EXPECT_TRUE(pair.client.error().ok());
  EXPECT_EQ(pair.client.Write("still").step, Step::kDone);  // half-closed
}

TEST_P(EngineTest, TakesAnEndWithoutGoodbyeForATruncation) {
  EnginePair pair(MakeClient(Client()), MakeServer(Server()));
  ASSERT_TRUE(pair.Shake()) << pair.Errors();
  ASSERT_EQ(pair.server.Write("first").step, Step::kDone);
  Carry(pair.server, pair.client);
  pair.client.ReceiveEnd();
  char buffer[100];
  EXPECT_EQ(pair.client.Read(buffer).bytes, 5u);
  EXPECT_EQ(pair.client.Read(buffer).step, Step::kError);
  EXPECT_EQ(pair.client.error(),
            absl::UnavailableError("TLS to reviews: the connection ended without close_notify"));
}

TEST_P(EngineTest, ReportsAnEndDuringTheHandshake) {
  EnginePair pair(MakeClient(Client()), MakeServer(Server()));
  pair.client.Handshake();
  pair.client.ReceiveEnd();
  EXPECT_EQ(pair.client.Handshake(), Step::kError);
  EXPECT_EQ(pair.client.error(),
            absl::UnavailableError("TLS to reviews: the connection ended during the handshake"));
}

TEST_P(EngineTest, NeedsAVersionInCommon) {
  ClientSettings client = Client();
  ServerSettings server = Server();
  client.min_version = client.max_version = ProtocolVersion::kTls12;
  server.min_version = server.max_version = ProtocolVersion::kTls13;
  EnginePair pair(MakeClient(client), MakeServer(server));
  EXPECT_FALSE(pair.Shake());
  EXPECT_EQ(pair.client.error(),
            absl::UnavailableError("TLS to reviews: the peer refused us: alert protocol_version"));
  EXPECT_EQ(pair.server.error().message(),
            "TLS: no TLS version in common (1.2 and 1.3 are spoken here)");
}

}  // namespace
}  // namespace meshlib::tls
