// SPDX-License-Identifier: Apache-2.0
// What peers send that is no TLS, or TLS as it must not be (row 23 of the bad inputs).

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "fake/test_ca.h"
#include "tls/engine_pair.h"
#include "tls/renegotiating_client.h"

namespace meshlib::tls {
namespace {

using fake::Dns;
using fake::TestCa;
using Step = Engine::Step;

class HostilePeerTest : public testing::Test {
 protected:
  ClientSettings Client() const {
    return {.name = "reviews:443", .roots = ca_.roots(), .sni = "reviews"};
  }
  ServerSettings Server() const { return {.name = "0.0.0.0:443", .identity = serving_}; }

  std::string ServerOn(std::string_view bytes) const {
    Engine server(MakeServer(Server()));
    server.Receive({bytes.data(), bytes.size()});
    return server.Handshake() == Step::kError ? std::string(server.error().message()) : "";
  }

  std::string ClientOn(std::string_view bytes) const {
    Engine client(MakeClient(Client()));
    client.Handshake();
    client.Receive({bytes.data(), bytes.size()});
    return client.Handshake() == Step::kError ? std::string(client.error().message()) : "";
  }

  const TestCa ca_ = TestCa::Root();
  const std::shared_ptr<const KeyPair> serving_ = ca_.Leaf({.names = {Dns("reviews")}}).pair();
};

TEST_F(HostilePeerTest, BadInput23_PlaintextToAServerIsNamed) {
  EXPECT_EQ(ServerOn("GET / HTTP/1.1\r\nhost: reviews\r\n\r\n"),
            "TLS on 0.0.0.0:443: the client speaks plaintext HTTP");
  EXPECT_EQ(ServerOn("CONNECT reviews:443 HTTP/1.1\r\n\r\n"),
            "TLS on 0.0.0.0:443: the client takes this for an HTTP proxy");
  EXPECT_EQ(
      ServerOn("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      "TLS on 0.0.0.0:443: the peer does not speak TLS: it begins with \"PRI * HTTP/2.0\\r\\n\"");
  EXPECT_EQ(ServerOn("SSH-2.0-OpenSSH_9.2\r\n"),
            "TLS on 0.0.0.0:443: the peer does not speak TLS: it begins with \"SSH-2.0-OpenSSH_\"");
}

TEST_F(HostilePeerTest, BadInput23_PlaintextToAClientIsNamed) {
  EXPECT_EQ(ClientOn("HTTP/1.1 400 Bad Request\r\n\r\n"),
            "TLS to reviews:443: the peer does not speak TLS: it begins with \"HTTP/1.1 400 Bad\"");
  EXPECT_EQ(ClientOn(std::string_view("\0\1\2\3garbage", 11)),
            "TLS to reviews:443: the peer does not speak TLS, or a record was damaged");
}

TEST_F(HostilePeerTest, GarbageIsRefusedWithAnAlert) {
  const std::string_view rows[] = {
      std::string_view("\x16\x03\x01\x00\x05garba", 10),    // a record of no message
      std::string_view("\x16\x03\x01\xff\xff", 5),          // too large
      std::string_view("\x17\x03\x03\x00\x01x", 6),         // data first
      std::string_view("\x15\x03\x03\x00\x02\x02\x28", 7),  // an alert first
      std::string_view("\x80\x2e\x01\x00\x02\x00\x00", 7),  // SSL 2
      std::string_view("\xff\xff\xff\xff\xff\xff", 6),
  };
  for (const std::string_view row : rows) {
    EXPECT_NE(ServerOn(row), "");
    EXPECT_NE(ClientOn(row), "");
  }
}

TEST_F(HostilePeerTest, ATruncatedRecordWaitsUntilTheConnectionEnds) {
  EnginePair pair(MakeClient(Client()), MakeServer(Server()));
  ASSERT_TRUE(pair.Shake()) << pair.Errors();
  ASSERT_EQ(pair.client.Write("a message").step, Step::kDone);
  const std::string_view record = pair.client.output();
  char buffer[100];
  pair.server.Receive({record.data(), record.size() - 1});
  EXPECT_EQ(pair.server.Read(buffer).step, Step::kAgain);
  pair.server.ReceiveEnd();
  EXPECT_EQ(pair.server.Read(buffer).step, Step::kError);
  EXPECT_EQ(pair.server.error().message(),
            "TLS on 0.0.0.0:443: the connection ended without close_notify");
}

TEST_F(HostilePeerTest, ADamagedRecordIsRefused) {
  for (const ProtocolVersion version : {ProtocolVersion::kTls12, ProtocolVersion::kTls13}) {
    ClientSettings settings = Client();
    settings.max_version = version;
    EnginePair pair(MakeClient(settings), MakeServer(Server()));
    ASSERT_TRUE(pair.Shake()) << pair.Errors();
    ASSERT_EQ(pair.client.Write("a message").step, Step::kDone);
    std::string record(pair.client.output());
    record.back() = static_cast<char>(record.back() ^ 1);
    pair.server.Receive({record.data(), record.size()});
    char buffer[100];
    EXPECT_EQ(pair.server.Read(buffer).step, Step::kError);
    EXPECT_EQ(pair.server.error().message(), "TLS on 0.0.0.0:443: a record was damaged on its way");
    // And stays failed.
    EXPECT_EQ(pair.server.Read(buffer).step, Step::kError);
    EXPECT_EQ(pair.server.Write("x").step, Step::kError);
    Carry(pair.server, pair.client);
    EXPECT_EQ(pair.client.Read(buffer).step, Step::kError);
    EXPECT_EQ(pair.client.error().message(),
              "TLS to reviews:443: the peer refused us: alert bad_record_mac");
  }
}

TEST_F(HostilePeerTest, EveryDamagedByteOfAHandshakeFailsIt) {
  const auto client_context = MakeClient(Client());
  const auto server_context = MakeServer(Server());
  EnginePair whole(client_context, server_context);
  whole.client.Handshake();
  const size_t size = whole.client.output().size();
  // Of a ClientHello: some bytes do not matter to the server, but to the hash of the handshake.
  for (size_t at = 0; at < size; at += 3) {
    EnginePair pair(client_context, server_context);
    pair.client.Handshake();
    std::string hello(pair.client.output());
    hello[at] = static_cast<char>(hello[at] ^ 0x55);
    pair.client.Sent(hello.size());
    pair.server.Receive({hello.data(), hello.size()});
    pair.server.Handshake();
    Carry(pair.server, pair.client);
    EXPECT_FALSE(pair.Shake()) << at;
  }
}

TEST_F(HostilePeerTest, ARenegotiationIsRefused) {
  RenegotiatingClient client;
  Engine server(MakeServer(Server()));
  ASSERT_TRUE(client.Shake(server)) << server.error();
  const std::string record = client.Renegotiate();
  ASSERT_FALSE(record.empty());
  server.Receive({record.data(), record.size()});
  char buffer[100];
  EXPECT_EQ(server.Read(buffer).step, Step::kError);
  EXPECT_EQ(server.error().message(), "TLS on 0.0.0.0:443: the peer asked for a renegotiation");
  EXPECT_FALSE(server.output().empty());  // the alert
}

TEST_F(HostilePeerTest, BadInput23_NamesThatCannotBeSentAreRefusedNotCut) {
  struct Row {
    std::string sni;
    std::string error;
  };
  const Row rows[] = {
      {std::string(255, 'a'), ""},
      {std::string(256, 'a'), "SNI has 256 bytes, more than 255"},
      {std::string(300, 'a'), "SNI has 300 bytes, more than 255"},
      {std::string("a\0z", 3), "SNI \"a\\x00z\" is no host name"},
      {"a b", "SNI \"a b\" is no host name"},
      {"a\n", "SNI \"a\\n\" is no host name"},
      {"10.0.0.1", "SNI \"10.0.0.1\" is an IP address; only names can be sent"},
      {"::1", "SNI \"::1\" is an IP address; only names can be sent"},
  };
  for (const Row& row : rows) {
    ClientSettings settings = Client();
    settings.sni = row.sni;
    const auto context = ClientContext::Create(settings);
    EXPECT_EQ(context.status().message(), row.error);
  }
}

TEST_F(HostilePeerTest, SettingsThatContradictThemselvesAreRefused) {
  ClientSettings client = Client();
  client.alpn = {""};
  EXPECT_EQ(ClientContext::Create(client).status().message(),
            "an ALPN name has 0 bytes; 1 to 255 can be sent");
  client.alpn = {std::string(256, 'h')};
  EXPECT_FALSE(ClientContext::Create(client).ok());
  client = Client();
  client.spiffe_bundles = std::make_shared<SpiffeBundles>();
  EXPECT_FALSE(ClientContext::Create(client).ok());
  EXPECT_EQ(ServerContext::Create({}).status().message(), "a server needs a certificate");
  EXPECT_FALSE(
      ServerContext::Create({.identity = serving_, .require_client_certificate = true}).ok());
  EXPECT_FALSE(
      ServerContext::Create({.identity = serving_, .verifiers = {HostVerifier("a")}}).ok());
}

TEST_F(HostilePeerTest, BadInput23_EmptySpiffeBundlesTrustNobody) {
  ClientSettings client = Client();
  client.roots = nullptr;
  client.spiffe_bundles = std::make_shared<SpiffeBundles>();
  EnginePair pair(MakeClient(client), MakeServer(Server()));
  EXPECT_FALSE(pair.Shake());
  EXPECT_EQ(pair.client.error().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(HostilePeerTest, BytesBehindTheHandshakeAreNotTakenForAnotherProtocol) {
  // ALPN says h2, and HTTP/1.1 follows: bytes are bytes here, whoever reads them decides.
  ClientSettings client = Client();
  client.alpn = {"h2"};
  ServerSettings server = Server();
  server.alpn = {"h2"};
  EnginePair pair(MakeClient(client), MakeServer(server));
  ASSERT_TRUE(pair.Shake()) << pair.Errors();
  EXPECT_EQ(pair.ToServer("GET / HTTP/1.1\r\n\r\n"), "GET / HTTP/1.1\r\n\r\n");
  const std::string_view plaintext = "GET / HTTP/1.1\r\n\r\n";
  pair.server.Receive({plaintext.data(), plaintext.size()});
  char buffer[100];
  EXPECT_EQ(pair.server.Read(buffer).step, Step::kError);
}

}  // namespace
}  // namespace meshlib::tls
