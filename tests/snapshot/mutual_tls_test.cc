// SPDX-License-Identifier: Apache-2.0
// Istio's mutual TLS, client side: what a sidecar's server is shown and offered, and which servers
// are accepted. Two engines back to back, no sockets.

#include <gtest/gtest.h>

#include "fake/fake_identity.h"
#include "fake/test_ca.h"
#include "snapshot/upstream_tls.h"
#include "tls/engine.h"

namespace meshlib::snapshot {
namespace {

using fake::TestCa;
using Step = tls::Engine::Step;

constexpr const char* kMe = "spiffe://cluster.local/ns/default/sa/me";
constexpr const char* kDb = "spiffe://cluster.local/ns/default/sa/db";
constexpr const char* kSni = "outbound_.80_._.db.default.svc.cluster.local";

const TestCa& Ca() {
  static const TestCa ca = TestCa::Root();
  return ca;
}

std::shared_ptr<const tls::SpiffeBundles> Bundles() {
  return std::make_shared<const tls::SpiffeBundles>(
      tls::SpiffeBundles{{"cluster.local", Ca().roots()}});
}

// As istiod describes an Istio-mTLS cluster.
resource::TlsContext IstioContext(const std::string& peer) {
  resource::TlsContext context;
  context.identity.emplace().secret = "default";
  context.roots.emplace().secret = "ROOTCA";
  context.sni = kSni;
  context.alpn = {"istio-peer-exchange", "istio"};
  resource::SanMatcher name;
  name.matcher.value = peer;
  context.peer_names = {name};
  return context;
}

tls::ServerSettings Sidecar(const fake::TestIdentity& identity) {
  tls::ServerSettings settings;
  settings.identity = identity.pair();
  settings.spiffe_bundles = Bundles();
  settings.require_client_certificate = true;
  settings.alpn = {"istio-http/1.1", "istio", "istio-peer-exchange", "istio-h2"};
  return settings;
}

void Move(tls::Engine& from, tls::Engine& to) {
  const std::string bytes(from.output());
  from.Sent(bytes.size());
  if (!bytes.empty()) to.Receive(bytes);
}

class MutualTlsTest : public ::testing::Test {
 protected:
  MutualTlsTest() {
    identity_.Become(Ca().Workload(kMe), Bundles());
    materials_ = std::make_unique<TlsMaterials>(TlsMaterialSources{.identity = &identity_}, [] {});
  }

  // The client's error; empty: the handshake has ended well.
  std::string Connect(const resource::TlsContext& context, tls::ServerSettings settings) {
    const UpstreamTls tls(context, {}, *materials_);
    const auto made = tls.current()->For("");
    if (!made.ok()) return std::string(made.status().message());
    client_ = std::make_unique<tls::Engine>(*made);
    server_ =
        std::make_unique<tls::Engine>(tls::ServerContext::Create(std::move(settings)).value());
    Step client = Step::kAgain;
    Step server = Step::kAgain;
    for (int i = 0; i < 10 && (client == Step::kAgain || server == Step::kAgain); ++i) {
      if (client == Step::kAgain) client = client_->Handshake();
      Move(*client_, *server_);
      if (server == Step::kAgain) server = server_->Handshake();
      Move(*server_, *client_);
    }
    if (client == Step::kDone && server == Step::kDone) return "";
    return client == Step::kError ? std::string(client_->error().message())
                                  : "server: " + std::string(server_->error().message());
  }

  fake::FakeIdentity identity_;
  std::unique_ptr<TlsMaterials> materials_;
  std::unique_ptr<tls::Engine> client_;
  std::unique_ptr<tls::Engine> server_;
};

TEST_F(MutualTlsTest, ASidecarRecognisesAMemberOfTheMesh) {
  EXPECT_EQ(Connect(IstioContext(kDb), Sidecar(Ca().Workload(kDb))), "");
  EXPECT_EQ(server_->alpn(), "istio-http/1.1");
  EXPECT_EQ(server_->server_name(), kSni);
  EXPECT_EQ(client_->version(), "TLSv1.3");
  ASSERT_NE(server_->peer(), nullptr);
  ASSERT_EQ(server_->peer()->names.size(), 1u);
  EXPECT_EQ(server_->peer()->names[0].value, kMe);
}

TEST_F(MutualTlsTest, AServerThatChoosesNoProtocolIsAccepted) {
  tls::ServerSettings strict = Sidecar(Ca().Workload(kDb));
  strict.alpn.clear();
  EXPECT_EQ(Connect(IstioContext(kDb), strict), "");
}

TEST_F(MutualTlsTest, AnyWorkloadOfTheMeshWillDoWhereNoNamesAreGiven) {
  resource::TlsContext context = IstioContext(kDb);
  context.peer_names.clear();
  EXPECT_EQ(Connect(context, Sidecar(Ca().Workload(kDb))), "");
  EXPECT_NE(Connect(context, Sidecar(Ca().Leaf({.names = {fake::Dns("db.example")}}))), "");
}

struct Refused {
  const char* name;
  fake::TestIdentity server;
};
void PrintTo(const Refused& row, std::ostream* out) { *out << row.name; }

class RefusedServerTest : public MutualTlsTest, public ::testing::WithParamInterface<Refused> {};

TEST_P(RefusedServerTest, GetsNoRequest) {
  const std::string told = Connect(IstioContext(kDb), Sidecar(GetParam().server));
  EXPECT_EQ(told.rfind("TLS", 0), 0u) << told;
}

INSTANTIATE_TEST_SUITE_P(
    BadInput21, RefusedServerTest,
    ::testing::Values(
        Refused{"AnotherWorkload", Ca().Workload("spiffe://cluster.local/ns/default/sa/db2")},
        Refused{"AnotherTrustDomain", Ca().Workload("spiffe://other.local/ns/default/sa/db")},
        Refused{"AnotherAuthority", TestCa::Root({.common_name = "stranger"}).Workload(kDb)},
        Refused{"TheIdAsADnsName", Ca().Leaf({.names = {fake::Dns(kDb)}})},
        Refused{"TwoIds", Ca().Leaf({.names = {fake::Uri(kDb), fake::Uri(kMe)}})},
        Refused{"AnIdWithNul", Ca().Leaf({.names = {fake::Uri(std::string(kDb) + '\0' + "x")}})},
        Refused{"Expired", Ca().Leaf({.names = {fake::Uri(kDb)},
                                      .not_before = absl::Now() - absl::Hours(2),
                                      .not_after = absl::Now() - absl::Hours(1)})},
        Refused{"NotYetValid", Ca().Leaf({.names = {fake::Uri(kDb)},
                                          .not_before = absl::Now() + absl::Hours(1)})}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(MutualTlsTest, AnAliasOfTheTrustDomainIsLetInByName) {
  constexpr const char* kAlias = "spiffe://alias.example/ns/default/sa/db";
  resource::TlsContext context = IstioContext(kDb);
  EXPECT_NE(Connect(context, Sidecar(Ca().Workload(kAlias))), "");
  context.peer_names.push_back(context.peer_names.front());
  context.peer_names.back().matcher.value = kAlias;
  EXPECT_EQ(Connect(context, Sidecar(Ca().Workload(kAlias))), "");
  EXPECT_EQ(Connect(context, Sidecar(Ca().Workload(kDb))), "");
  EXPECT_NE(Connect(context, Sidecar(Ca().Workload("spiffe://alias.example/ns/a/sa/b"))), "");
  EXPECT_NE(Connect(context, Sidecar(TestCa::Root({.common_name = "b"}).Workload(kAlias))), "");
}

TEST_F(MutualTlsTest, RootsThatReplaceOthersCountForTheNextHandshake) {
  const TestCa next = TestCa::Root({.common_name = "next"});
  const auto both = std::make_shared<const tls::SpiffeBundles>(
      tls::SpiffeBundles{{"cluster.local", next.roots()}});
  tls::ServerSettings old_server = Sidecar(Ca().Workload(kDb));
  EXPECT_EQ(Connect(IstioContext(kDb), old_server), "");
  identity_.Become(next.Workload(kMe), both);
  EXPECT_NE(Connect(IstioContext(kDb), old_server), "");
  tls::ServerSettings new_server = Sidecar(next.Workload(kDb));
  new_server.spiffe_bundles = both;
  EXPECT_EQ(Connect(IstioContext(kDb), new_server), "");
}

}  // namespace
}  // namespace meshlib::snapshot
