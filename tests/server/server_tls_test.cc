// SPDX-License-Identifier: Apache-2.0
// A Server over TLS by its own certificates.

#include <gtest/gtest.h>

#include <thread>

#include "server/tls_server_fixture.h"

namespace meshlib::server {
namespace {

TEST_F(TlsServerTest, AnswersOverTls) {
  ServeHttps(Echo());
  TlsClient client = ConnectTls();
  ASSERT_TRUE(client.Handshake()) << client.engine().error();
  for (int i = 0; i < 3; ++i) {
    const RawResponse response = client.Get("/x");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "/x");
  }
}

TEST_F(TlsServerTest, AnswersAClientThatSpeaksByteByByte) {
  ServeHttps(Echo());
  TlsClient client = ConnectTls();
  client.set_step(1);
  ASSERT_TRUE(client.Handshake()) << client.engine().error();
  EXPECT_EQ(client.Get("/slow").body, "/slow");
}

// In the same flight as the last message of the handshake, as most clients do it.
TEST_F(TlsServerTest, AnswersARequestThatComesWithTheHandshake) {
  ServeHttps(Echo());
  for (int i = 0; i < 5; ++i) {
    TlsClient client = ConnectTls();
    ASSERT_TRUE(client.Handshake()) << client.engine().error();
    EXPECT_EQ(client.Get("/first").body, "/first");
  }
}

TEST_F(TlsServerTest, LargeBodiesGoBothWays) {
  ServeHttps(Echo());
  std::string body(3 << 20, '\0');
  for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 26);
  TlsClient client = ConnectTls();
  ASSERT_TRUE(client.Handshake()) << client.engine().error();
  client.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
  EXPECT_TRUE(client.Read().body == "/" + body);
  EXPECT_EQ(client.Get("/again").body, "/again");
}

TEST_F(TlsServerTest, PipelinedRequestsAreAnsweredInOrder) {
  ServeHttps(Echo());
  TlsClient client = ConnectTls();
  ASSERT_TRUE(client.Handshake());
  std::string requests;
  for (int i = 0; i < 1000; ++i) {
    requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nhost: a\r\n\r\n";
  }
  client.Send(requests);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(client.Read().body, "/" + std::to_string(i));
}

TEST_F(TlsServerTest, TheEndIsSaidAsTlsSaysIt) {
  ServeHttps(Echo());
  TlsClient client = ConnectTls();
  ASSERT_TRUE(client.Handshake());
  client.Send("GET /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
  EXPECT_NE(client.ReadToEnd().find("/x"), std::string::npos);
  EXPECT_TRUE(client.ended_well());
}

// The client waits for our end, and its socket says nothing more.
TEST_F(TlsServerTest, AnEndThatComesWithTheRequestIsSeen) {
  ServeHttps(Echo());
  TlsClient client = ConnectTls();
  ASSERT_TRUE(client.Handshake());
  client.SendAndSayClose("GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
  EXPECT_NE(client.ReadToEnd().find("/x"), std::string::npos);
  EXPECT_TRUE(client.ended_well());
}

// HTTP/1.0 without a length: only the end says that the body is complete.
TEST_F(TlsServerTest, AResetMidBodyIsNotAGoodEnd) {
  class Half final : public ServerStreamHandler {
   public:
    explicit Half(ServerStream& stream) : stream_(stream) {}
    void OnBody(std::string_view) override {}
    void OnEnd(const Headers&) override {
      stream_.SendHead({});
      stream_.Write("half");
      stream_.Reset();
    }
    void OnClosed(const absl::Status&) override {}

   private:
    ServerStream& stream_;
  };
  ServeHttps(StreamAcceptor(
      [](const HttpRequest&, ServerStream& stream) { return std::make_unique<Half>(stream); }));
  TlsClient client = ConnectTls();
  ASSERT_TRUE(client.Handshake());
  client.Send("GET / HTTP/1.0\r\n\r\n");
  client.ReadToEnd();
  EXPECT_FALSE(client.ended_well());
}

TEST_F(TlsServerTest, AnIdleConnectionEndsWell) {
  ServeOptions options = Local();
  options.idle_timeout = absl::Milliseconds(30);
  ServeHttps(Echo(), std::move(options));
  TlsClient client = ConnectTls();
  ASSERT_TRUE(client.Handshake());
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_TRUE(client.ended_well());
}

TEST_F(TlsServerTest, DrainEndsConnectionsAndHandshakes) {
  ServeHttps(Echo());
  TlsClient served = ConnectTls();
  ASSERT_TRUE(served.Handshake());
  EXPECT_EQ(served.Get("/").status, 200);
  TlsClient silent = ConnectTls();
  TlsClient partial = ConnectTls();
  partial.SendRaw("\x16\x03\x01");
  server_->Drain(absl::Seconds(10));
  EXPECT_EQ(served.ReadToEnd(), "");
  EXPECT_TRUE(served.ended_well());
  EXPECT_FALSE(silent.Handshake());
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(TlsServerTest, BadInput32_HandshakesAreBoundedInTime) {
  ServeOptions options = Local();
  options.handshake_timeout = absl::Milliseconds(30);
  ServeHttps(Echo(), std::move(options));
  RawClient silent = Connect();
  RawClient partial = Connect();
  partial.Send("\x16\x03\x01");
  EXPECT_TRUE(silent.IsClosed());
  EXPECT_TRUE(partial.IsClosed());
  EXPECT_NE(LogText().find("the client was silent for 30ms"), std::string::npos) << LogText();
}

TEST_F(TlsServerTest, HandshakesCountAsConnections) {
  ServeOptions options = Local();
  options.max_connections = 1;
  ServeHttps(Echo(), std::move(options));
  RawClient silent = Connect();
  while (server_->connections() == 0) std::this_thread::yield();
  TlsClient next = ConnectTls();
  std::thread freer([&] {
    while (server_->connections() != 1) std::this_thread::yield();
    silent.Close();
  });
  EXPECT_TRUE(next.Handshake());
  freer.join();
  EXPECT_EQ(next.Get("/").status, 200);
}

TEST_F(TlsServerTest, BadInput23_PlaintextToATlsPortIsClosedAndSaid) {
  ServeHttps(Echo());
  for (int i = 0; i < 5; ++i) {
    RawClient client = Connect();
    client.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    EXPECT_TRUE(client.ReadToEnd().empty());
  }
  EXPECT_NE(LogText().find("plaintext where TLS is due"), std::string::npos) << LogText();
  EXPECT_EQ(log().size(), 1u) << LogText();
}

TEST_F(TlsServerTest, OneRefusedCertificateDoesNotHideAnother) {
  policy_ = Strict();
  Serve(Echo());
  const auto refused = [this](const std::optional<fake::TestIdentity>& identity) {
    tls::ClientSettings settings;
    if (identity) settings.identity = identity->pair();
    TlsClient client = ConnectTls(ClientTls(std::move(settings)));
    client.Handshake();
    return client.Get("/").status == 0;
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(refused(std::nullopt));
    EXPECT_TRUE(refused(fake::TestCa::Root().Workload(kProductpage)));
  }
  EXPECT_NE(LogText().find("no certificate"), std::string::npos) << LogText();
  EXPECT_EQ(log().size(), 2u) << LogText();
}

TEST_F(TlsServerTest, GarbageBehindAHandshakeEndsTheConnection) {
  ServeHttps(Echo());
  TlsClient client = ConnectTls();
  ASSERT_TRUE(client.Handshake());
  client.SendRaw("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_FALSE(client.ended_well());
  EXPECT_TRUE(ConnectTls().Handshake());
}

TEST_F(TlsServerTest, BadInput23_WithoutACommonProtocolTlsGoesOnWithoutOne) {
  ServeHttps(Echo());
  tls::ClientSettings settings;
  settings.alpn = {"h2"};
  TlsClient client = ConnectTls(ClientTls(std::move(settings)));
  ASSERT_TRUE(client.Handshake()) << client.engine().error();
  EXPECT_EQ(client.engine().alpn(), "");
  client.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  EXPECT_EQ(client.Read().status, 505);
}

TEST_F(TlsServerTest, Http11IsAgreedOn) {
  ServeHttps(Echo());
  tls::ClientSettings settings;
  settings.alpn = {"h2", "http/1.1"};
  TlsClient client = ConnectTls(ClientTls(std::move(settings)));
  ASSERT_TRUE(client.Handshake());
  EXPECT_EQ(client.engine().alpn(), "http/1.1");
}

TEST_F(TlsServerTest, BadPairsFailTheStart) {
  ServeOptions options = Local();
  options.tls = OwnTls();
  options.tls->private_key = PemText{"garbage"};
  const auto server = Server::Start(std::move(options), Echo(), Dependencies());
  ASSERT_FALSE(server.ok());
  EXPECT_NE(std::string(server.status().message()).find("private_key"), std::string::npos)
      << server.status();
}

TEST_F(TlsServerTest, HandlersAreToldWhoTheClientIs) {
  ServeOptions options = Local();
  options.tls = OwnTls();
  options.tls->client_roots = PemText{ca_.pem()};
  ServeHttps(HttpHandler([](const HttpRequest& request) {
               return HttpResponse::Text(
                   200, request.peer == nullptr ? "nobody" : request.peer->spiffe_id);
             }),
             std::move(options));
  TlsClient known = ConnectTls(MutualClientTls());
  ASSERT_TRUE(known.Handshake()) << known.engine().error();
  EXPECT_EQ(known.Get("/").body, kProductpage);
  EXPECT_EQ(known.Get("/").body, kProductpage);
  TlsClient unknown = ConnectTls();
  ASSERT_TRUE(unknown.Handshake()) << unknown.engine().error();
  EXPECT_EQ(unknown.Get("/").body, "nobody");
}

TEST_F(TlsServerTest, RequiredCertificatesAreRequired) {
  ServeOptions options = Local();
  options.tls = OwnTls();
  options.tls->client_roots = PemText{ca_.pem()};
  options.tls->require_client_certificate = true;
  ServeHttps(Echo(), std::move(options));
  EXPECT_EQ(ConnectTls(MutualClientTls()).Handshake(), true);
  TlsClient without = ConnectTls();
  without.Handshake();
  EXPECT_EQ(without.Get("/").status, 0);
  tls::ClientSettings settings;
  settings.identity = fake::TestCa::Root().Workload(kProductpage).pair();
  TlsClient stranger = ConnectTls(ClientTls(std::move(settings)));
  stranger.Handshake();
  EXPECT_EQ(stranger.Get("/").status, 0);
}

}  // namespace
}  // namespace meshlib::server
