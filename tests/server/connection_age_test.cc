// SPDX-License-Identifier: Apache-2.0
// Connections with TLS end when they are old, without a request lost.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/tls_server_fixture.h"

namespace meshlib::server {
namespace {

constexpr absl::Duration kAge = absl::Minutes(10);
constexpr absl::Duration kYoung = absl::Minutes(8);

class ConnectionAgeTest : public TlsServerTest {
 protected:
  static ServeOptions Aging(absl::Duration age = kAge) {
    ServeOptions options = Local();
    options.idle_timeout = absl::Hours(10);
    options.header_timeout = absl::Hours(10);
    options.max_tls_connection_age = age;
    return options;
  }
  static std::string Connection(const RawResponse& response) {
    return RawClient::Field(response.head, "connection");
  }
  TlsClient Handshaken() const {
    TlsClient client = ConnectTls();
    EXPECT_TRUE(client.Handshake());
    return client;
  }
};

TEST_F(ConnectionAgeTest, AnOldOneSaysCloseWithItsNextAnswerAndEnds) {
  ServeHttps(Echo(), Aging());
  TlsClient client = Handshaken();
  EXPECT_EQ(Connection(client.Get("/")), "");
  Advance(kYoung);
  EXPECT_EQ(Connection(client.Get("/")), "");
  client.Send("GET /x HTTP/1.1\r\nhost: a\r\nx: y\r\n");  // the request is on its way
  Advance(kAge);
  client.Send("\r\n");
  const RawResponse last = client.Read();
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last.body, "/x");
  EXPECT_EQ(Connection(last), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_TRUE(client.ended_well());
}

TEST_F(ConnectionAgeTest, AnIdleOneIsClosed) {
  ServeHttps(Echo(), Aging());
  TlsClient client = Handshaken();
  EXPECT_EQ(client.Get("/").status, 200);
  Advance(kAge + absl::Seconds(2));
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_TRUE(client.ended_well());
}

TEST_F(ConnectionAgeTest, ACallUnderWayGoesOnAndItsAnswerIsTheLast) {
  ServeHttps(HttpHandler([&](const HttpRequest&) {
               started_.Set();
               EXPECT_TRUE(go_on_.Wait());
               return HttpResponse::Text(200, "done");
             }),
             Aging());
  TlsClient client = Handshaken();
  client.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  ASSERT_TRUE(started_.Wait());
  Advance(kAge * 3);
  go_on_.Set();
  const RawResponse last = client.Read();
  EXPECT_EQ(last.body, "done");
  EXPECT_EQ(Connection(last), "close");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(ConnectionAgeTest, NotAllEndAtOnce) {
  ServeHttps(Echo(), Aging());
  std::vector<TlsClient> clients;
  for (int i = 0; i < 24; ++i) clients.push_back(Handshaken());
  for (TlsClient& client : clients) EXPECT_EQ(client.Get("/").status, 200);
  Advance(kAge * 0.95);
  size_t ended = 0;
  for (TlsClient& client : clients) {
    const RawResponse response = client.Get("/");
    if (response.status != 200 || Connection(response) == "close") ++ended;
  }
  EXPECT_GT(ended, 0u);
  EXPECT_LT(ended, clients.size());
}

TEST_F(ConnectionAgeTest, PlaintextConnectionsDoNotAge) {
  ServeEcho(Aging());
  RawClient client = Connect();
  EXPECT_EQ(client.Get("/").status, 200);
  Advance(kAge * 3);
  EXPECT_EQ(Connection(client.Get("/")), "");
}

// ServeOptions' default is the Mesh's to fill in.
TEST_F(ConnectionAgeTest, WithoutALimitTheyDoNotEither) {
  ServeOptions unset = Aging();
  unset.max_tls_connection_age.reset();
  for (const ServeOptions& options : {Aging(absl::InfiniteDuration()), unset}) {
    ServeHttps(Echo(), options);
    TlsClient client = Handshaken();
    EXPECT_EQ(client.Get("/").status, 200);
    Advance(absl::Hours(5));
    EXPECT_EQ(Connection(client.Get("/")), "");
  }
}

}  // namespace
}  // namespace meshlib::server
