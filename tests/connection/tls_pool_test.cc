// SPDX-License-Identifier: Apache-2.0
// Pools whose connections are secured by TLS: by which policy, and what becomes of peers that do
// not keep to it.

#include <gtest/gtest.h>

#include "connection/pool_fixture.h"
#include "fake/test_ca.h"
#include "fake/tls_peer.h"

namespace meshlib::connection {
namespace {

using fake::Dns;
using fake::PeerConnection;
using fake::ScriptedPeer;
using fake::TestCa;
using fake::TlsConnection;
using Context = std::shared_ptr<const tls::ClientContext>;

const TestCa& Ca() {
  static const TestCa ca = TestCa::Root();
  return ca;
}
const fake::TestIdentity& Server() {
  static const fake::TestIdentity identity = Ca().Leaf({.names = {Dns("db.example")}});
  return identity;
}
const fake::TestIdentity& Client() {
  static const fake::TestIdentity identity = Ca().Leaf({.names = {Dns("client.example")}});
  return identity;
}

// `policy` names all of it.
Context ContextFor(const std::string& host, const std::string& policy,
                   const fake::TestIdentity* identity = nullptr) {
  tls::ClientSettings settings;
  settings.roots = Ca().roots();
  settings.sni = host;
  settings.alpn = {"http/1.1"};
  settings.policy = policy;
  settings.verifiers = {tls::HostVerifier(host)};
  if (identity != nullptr) settings.identity = identity->pair();
  return tls::ClientContext::Create(std::move(settings)).value();
}

class TlsPoolTest : public PoolFixture {
 protected:
  std::string GetBy(const Context& context, const resource::Address& address,
                    const PoolSettings& settings = {}) {
    Exchange exchange;
    Await([&] {
      if (exchange.log.empty()) exchange.Start(PoolOf(address), settings, {.tls = &context});
      return exchange.done;
    });
    return exchange.log;
  }
};

TEST_F(TlsPoolTest, AConnectionIsSecuredAndUsedAgain) {
  ScriptedPeer peer(fake::AnsweringTls(fake::ServerOf(Server()), "hello"));
  const Context context = ContextFor("db.example", "a");
  EXPECT_EQ(GetBy(context, peer.address()), "waiting, head 200, body 5, end");
  EXPECT_EQ(GetBy(context, peer.address()), "head 200, body 5, end");
  EXPECT_EQ(peer.connections(), 1);
}

TEST_F(TlsPoolTest, LargeAnswersArrive) {
  const std::string large(3'000'000, 'x');
  ScriptedPeer peer(fake::AnsweringTls(fake::ServerOf(Server()), large));
  const Context context = ContextFor("db.example", "a");
  EXPECT_EQ(GetBy(context, peer.address()), "waiting, head 200, body 3000000, end");
  EXPECT_EQ(GetBy(context, peer.address()), "head 200, body 3000000, end");
}

TEST_F(TlsPoolTest, ARenewedContextOfTheSamePolicyLeavesConnectionsUp) {
  ScriptedPeer peer(fake::AnsweringTls(fake::ServerOf(Server()), ""));
  GetBy(ContextFor("db.example", "a", &Client()), peer.address());
  GetBy(ContextFor("db.example", "a", &Client()), peer.address());
  EXPECT_EQ(peer.connections(), 1);
}

TEST_F(TlsPoolTest, AConnectionOfAnotherPolicyIsNotUsed) {
  ScriptedPeer peer(fake::AnsweringTls(fake::ServerOf(Server()), ""));
  GetBy(ContextFor("db.example", "a"), peer.address());
  GetBy(ContextFor("db.example", "b"), peer.address());
  EXPECT_EQ(peer.connections(), 2);
  EXPECT_EQ(cluster_->connections, 1u);
}

TEST_F(TlsPoolTest, PlaintextAndTlsShareNoConnection) {
  ScriptedPeer peer([&](PeerConnection& socket) {
    if (socket.number() != 1) return ScriptedPeer::Answering("plain")(socket);
    fake::AnsweringTls(fake::ServerOf(Server()), "secret")(socket);
  });
  EXPECT_EQ(Get(peer.address()), "waiting, head 200, body 5, end");
  EXPECT_EQ(GetBy(ContextFor("db.example", "a"), peer.address()), "waiting, head 200, body 6, end");
  EXPECT_EQ(Get(peer.address()), "waiting, head 200, body 5, end");
  EXPECT_EQ(peer.connections(), 3);
}

TEST_F(TlsPoolTest, HostsHavePoolsOfTheirOwn) {
  ScriptedPeer peer(fake::AnsweringTls(fake::ServerOf(Server()), ""));
  Get(peer.address());  // makes the endpoint known; the peer refuses it
  EndpointPool& a = pools_->Get(EndpointOf(peer.address()), cluster_, "a.example");
  EXPECT_NE(&a, &pools_->Get(EndpointOf(peer.address()), cluster_));
  EXPECT_NE(&a, &pools_->Get(EndpointOf(peer.address()), cluster_, "b.example"));
  EXPECT_EQ(&a, &pools_->Get(EndpointOf(peer.address()), cluster_, "a.example"));
}

TEST_F(TlsPoolTest, AConnectionThatIsTooOldIsClosed) {
  ScriptedPeer peer(fake::AnsweringTls(fake::ServerOf(Server()), ""));
  const Context context = ContextFor("db.example", "a");
  const PoolSettings settings{.max_connection_duration = absl::Minutes(1)};
  GetBy(context, peer.address(), settings);
  clock_.Advance(absl::Seconds(61));
  Await([&] { return pools_->idle() == 0; });
  EXPECT_EQ(cluster_->connections, 0u);
}

TEST_F(TlsPoolTest, APeerThatLeavesAnIdleConnectionIsNoticed) {
  ScriptedPeer peer([&](PeerConnection& socket) {
    TlsConnection connection(socket, tls::ServerContext::Create(fake::ServerOf(Server())).value());
    if (!connection.Handshake()) return;
    connection.ReadRequest();
    connection.Answer("");
    connection.Close();
  });
  const Context context = ContextFor("db.example", "a");
  GetBy(context, peer.address());
  Await([&] { return pools_->idle() == 0; });
  EXPECT_EQ(GetBy(context, peer.address()), "waiting, head 200, body 0, end");
}

// The end comes with the last bytes, and the peer waits for ours.
TEST_F(TlsPoolTest, AnAnswerEndsWithTheEndOfTls) {
  ScriptedPeer peer([&](PeerConnection& socket) {
    TlsConnection connection(socket, tls::ServerContext::Create(fake::ServerOf(Server())).value());
    if (!connection.Handshake()) return;
    connection.ReadRequest();
    connection.SendLast("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nwhole");
    socket.ReadEnd();
  });
  EXPECT_EQ(GetBy(ContextFor("db.example", "a"), peer.address()), "waiting, head 200, body 5, end");
}

TEST_F(TlsPoolTest, ATruncatedAnswerIsNoAnswer) {
  ScriptedPeer peer([&](PeerConnection& socket) {
    TlsConnection connection(socket, tls::ServerContext::Create(fake::ServerOf(Server())).value());
    if (!connection.Handshake()) return;
    connection.ReadRequest();
    // Ends with the connection, which nobody says is the end.
    connection.Send("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhalf");
    socket.Close();
  });
  const std::string log = GetBy(ContextFor("db.example", "a"), peer.address());
  EXPECT_EQ(log.rfind("waiting, head 200, broken: ", 0), 0u) << log;
}

// One line per way of not keeping to the policy; what the Call is told has place and cause.
struct RefusedRow {
  const char* name;
  std::function<void(PeerConnection&)> script;
  const char* told;
  absl::Duration timeout = absl::Seconds(8);
};
void PrintTo(const RefusedRow& row, std::ostream* out) { *out << row.name; }

ScriptedPeer::Script Showing(const fake::TestIdentity& identity) {
  return fake::AnsweringTls(fake::ServerOf(identity), "never");
}

fake::TestIdentity LongChain() {
  TestCa ca = Ca();
  for (int i = 0; i < 99; ++i) {
    ca = ca.Intermediate({.common_name = "intermediate " + std::to_string(i)});
  }
  return ca.Leaf({.names = {Dns("db.example")}});
}

class RefusedPeerTest : public TlsPoolTest, public ::testing::WithParamInterface<RefusedRow> {};

TEST_P(RefusedPeerTest, FailsTheConnection) {
  ScriptedPeer peer(GetParam().script);
  const std::string log =
      GetBy(ContextFor("db.example", "a"), peer.address(), {.connect_timeout = GetParam().timeout});
  const std::string begin = "waiting, failed: connect " + peer.address().ToString() + ": ";
  EXPECT_EQ(log.rfind(begin, 0), 0u) << log;
  EXPECT_NE(log.find("TLS"), std::string::npos) << log;
  EXPECT_NE(log.find(GetParam().told), std::string::npos) << log;
  EXPECT_EQ(cluster_->connections, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    BadInput, RefusedPeerTest,
    ::testing::Values(
        RefusedRow{"AnotherHost", Showing(Ca().Leaf({.names = {Dns("other.example")}})),
                   "other.example"},
        RefusedRow{"AnotherAuthority",
                   Showing(TestCa::Root({.common_name = "stranger"})
                               .Leaf({.names = {Dns("db.example")}})),
                   "of an authority that is not trusted"},
        RefusedRow{"SelfSigned", Showing(TestCa::SelfSigned({.names = {Dns("db.example")}})), "self-signed and not among the trusted roots"},
        RefusedRow{"Expired",
                   Showing(Ca().Leaf({.names = {Dns("db.example")},
                                      .not_before = absl::Now() - absl::Hours(3),
                                      .not_after = absl::Now() - absl::Hours(2)})),
                   "expired"},
        RefusedRow{"NotYetValid",
                   Showing(Ca().Leaf({.names = {Dns("db.example")},
                                      .not_before = absl::Now() + absl::Hours(2)})),
                   "valid"},
        RefusedRow{"ChainOfAHundred", Showing(LongChain()), "100 certificates, more than 10"},
        RefusedRow{"Plaintext",
                   [](PeerConnection& socket) {
                     socket.Send("HTTP/1.1 400 Bad Request\r\n\r\n");
                     socket.ReadEnd();
                   },
                   "does not speak TLS: it begins with"},
        RefusedRow{"Garbage",
                   [](PeerConnection& socket) {
                     socket.Send(std::string(300, '\x93'));
                     socket.ReadEnd();
                   },
                   "does not speak TLS, or a record was damaged"},
        RefusedRow{"ATruncatedRecord",
                   [](PeerConnection& socket) {
                     socket.ReadSome();
                     socket.Send(std::string("\x16\x03\x03\x40\x00\x02\x00\x00", 8));
                     socket.Close();
                   },
                   "the connection ended during the handshake"},
        RefusedRow{"SilenceUntilTheTimeout", [](PeerConnection& socket) { socket.ReadEnd(); },
                   "400ms", absl::Milliseconds(400)},
        RefusedRow{"AnEnd", [](PeerConnection& socket) { socket.ReadSome(); }, "the connection ended during the handshake"}),
    [](const auto& row) { return row.param.name; });

TEST_F(TlsPoolTest, AServerThatWantsACertificateRefusesAClientWithoutOne) {
  tls::ServerSettings settings = fake::ServerOf(Server());
  settings.client_roots = Ca().roots();
  settings.require_client_certificate = true;
  ScriptedPeer peer(fake::AnsweringTls(settings, "hello"));
  const std::string refused = GetBy(ContextFor("db.example", "a"), peer.address());
  EXPECT_EQ(refused.find("head"), std::string::npos) << refused;
  EXPECT_EQ(GetBy(ContextFor("db.example", "b", &Client()), peer.address()),
            "waiting, head 200, body 5, end");
}

TEST_F(TlsPoolTest, EveryAddressOfAnEndpointIsTried) {
  ScriptedPeer peer(fake::AnsweringTls(fake::ServerOf(Server()), "hello"), "127.0.0.1:0");
  ScriptedPeer gone(ScriptedPeer::Answering(""), "127.0.0.2:0");
  const resource::Address dead = gone.address();
  gone.Stop();
  const Context context = ContextFor("db.example", "a");
  const std::vector<resource::Address> more = {peer.address()};
  Exchange exchange;
  Await([&] {
    if (exchange.log.empty()) {
      exchange.Start(PoolOf(dead), {}, {.more_addresses = &more, .tls = &context});
    }
    return exchange.done;
  });
  EXPECT_EQ(exchange.log, "waiting, head 200, body 5, end");
}

}  // namespace
}  // namespace meshlib::connection
