// SPDX-License-Identifier: Apache-2.0
// Which certificates are refused, why, and what the peer is told.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "fake/test_ca.h"
#include "tls/engine_pair.h"

namespace meshlib::tls {
namespace {

using fake::Dns;
using fake::Email;
using fake::OtherName;
using fake::TestCa;
using fake::TestCertificate;
using fake::TestIdentity;
using fake::TestUsage;
using fake::Uri;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

TestCertificate Valid(TestCertificate certificate) {
  certificate.not_before = kNow - absl::Hours(1);
  certificate.not_after = kNow + absl::Hours(24);
  return certificate;
}

// The authorities of all rows.
struct World {
  TestCa root = TestCa::Root(Valid({.common_name = "root"}));
  TestCa intermediate = root.Intermediate(Valid({.common_name = "intermediate"}));
  TestCa stranger = TestCa::Root(Valid({.common_name = "stranger"}));
};

struct Row {
  std::string name;
  std::function<TestIdentity(const World&)> identity;
  std::string error;  // a part of it; empty: accepted
  std::string alert = "bad_certificate";
};

TestCertificate Reviews() { return Valid({.common_name = "reviews", .names = {Dns("reviews")}}); }

// A changed leaf of the root.
std::function<TestIdentity(const World&)> Leaf(std::function<void(TestCertificate*)> change) {
  return [change](const World& world) {
    TestCertificate certificate = Reviews();
    change(&certificate);
    return world.root.Leaf(certificate);
  };
}

TestIdentity LongChain(const World& world, int size) {
  TestCa ca = world.root;
  for (int i = 1; i < size; ++i) ca = ca.Intermediate(Valid({.common_name = "ca"}));
  return ca.Leaf(Reviews());
}

std::vector<Row> Rows() {
  return {
      {"of_the_root", [](const World& w) { return w.root.Leaf(Reviews()); }, ""},
      {"of_an_intermediate", [](const World& w) { return w.intermediate.Leaf(Reviews()); }, ""},
      {"of_ten_certificates", [](const World& w) { return LongChain(w, 10); }, ""},
      {"expired", Leaf([](auto* c) { c->not_after = kNow - absl::Hours(2); }),
       "certificate expired 2 h ago (CN=reviews, DNS reviews, issued by CN=root)",
       "certificate_expired"},
      {"not_yet_valid", Leaf([](auto* c) { c->not_before = kNow + absl::Minutes(5); }),
       "certificate is not valid before 5 min from now (CN=reviews, DNS reviews, issued by "
       "CN=root)",
       "certificate_expired"},
      {"self_signed", [](const World&) { return TestCa::SelfSigned(Reviews()); },
       "certificate is self-signed and not among the trusted roots", "unknown_ca"},
      {"of_a_stranger", [](const World& w) { return w.stranger.Leaf(Reviews()); },
       "certificate is of an authority that is not trusted", "unknown_ca"},
      {"without_its_intermediate",
       [](const World& w) {
         TestIdentity identity = w.intermediate.Leaf(Reviews());
         identity.chain_pem.resize(identity.chain_pem.find("-----END") + 25);
         return identity;
       },
       "certificate is of an authority that is not trusted", "unknown_ca"},
      {"of_an_expired_intermediate",
       [](const World& w) {
         TestCertificate old = Valid({.common_name = "old"});
         old.not_after = kNow - absl::Hours(48);
         return w.root.Intermediate(old).Leaf(Reviews());
       },
       "certificate expired 2 d ago (CN=old, issued by CN=root)", "certificate_expired"},
      {"signed_by_a_leaf",
       [](const World& w) {
         return w.root
             .Intermediate(Valid({.common_name = "leaf",
                                  .authority = false,
                                  .usages = std::vector{TestUsage::kCertSign}}))
             .Leaf(Reviews());
       },
       "certificate signs another one and is no authority", "unknown_ca"},
      {"signed_without_keyCertSign",
       [](const World& w) {
         return w.root
             .Intermediate(
                 Valid({.common_name = "ca", .usages = std::vector{TestUsage::kDigitalSignature}}))
             .Leaf(Reviews());
       },
       "(CN=", "unknown_ca"},
      {"path_length_exceeded",
       [](const World& w) {
         return w.root.Intermediate(Valid({.common_name = "ca", .path_length = 0}))
             .Intermediate(Valid({.common_name = "sub"}))
             .Leaf(Reviews());
       },
       "path length constraint exceeded", "unknown_ca"},
      {"only_clientAuth",
       Leaf([](auto* c) { c->extended_usages = std::vector<std::string>{"clientAuth"}; }),
       "certificate's key usages do not allow this", "unsupported_certificate"},
      {"sha1", Leaf([](auto* c) { c->hash = fake::TestHash::kSha1; }),
       "certificate is too weak: it is signed with ecdsa-with-SHA1"},
      {"violates_name_constraints",
       [](const World& w) {
         return w.root.Intermediate(Valid({.common_name = "ca", .permitted = {Dns("ratings")}}))
             .Leaf(Reviews());
       },
       "permitted subtree violation", "certificate_unknown"},
      {"wildcard_over_an_excluded_name",
       [](const World& w) {
         TestCertificate wildcard = Reviews();
         wildcard.names.push_back(Dns("*.Example.com"));
         return w.root
             .Intermediate(Valid({.common_name = "ca", .excluded = {Dns("a.b.example.com")}}))
             .Leaf(wildcard);
       },
       "certificate is refused: *.example.com stands for a.b.example.com, which an authority of it "
       "excludes (CN=reviews"},
      {"wildcard_beside_an_excluded_name",
       [](const World& w) {
         TestCertificate wildcard = Reviews();
         wildcard.names.push_back(Dns("*.example.com"));
         return w.root.Intermediate(Valid({.common_name = "ca", .excluded = {Dns("example.org")}}))
             .Leaf(wildcard);
       },
       ""},
      {"self_issued_loop",
       [](const World& w) {
         TestCa ca = w.stranger;
         for (int i = 0; i < 8; ++i) ca = ca.Intermediate(Valid({.common_name = "loop"}));
         return ca.Leaf(Reviews());
       },
       "certificate is of an authority that is not trusted", "unknown_ca"},
      {"chain_of_eleven", [](const World& w) { return LongChain(w, 11); },
       "certificate chain is too long: 11 certificates, more than 10"},
      {"chain_of_100", [](const World& w) { return LongChain(w, 100); },
       "certificate chain is too long: 100 certificates, more than 10"},
      {"nul_in_dns",
       Leaf([](auto* c) { c->names = {Dns(std::string_view("reviews\0.evil.com", 17))}; }),
       "certificate is refused: a subjectAltName has a NUL byte: \"reviews\\x00.evil.com\""},
      {"nul_in_uri", Leaf([](auto* c) {
         c->names = {Dns("reviews"), Uri(std::string_view("spiffe://a\0b", 12))};
       }),
       "certificate is refused: a subjectAltName has a NUL byte"},
      {"host_as_email", Leaf([](auto* c) { c->names = {Email("reviews")}; }),
       "certificate is not for reviews, but for no host", "certificate_unknown"},
      {"host_as_uri", Leaf([](auto* c) { c->names = {Uri("reviews")}; }),
       "certificate is not for reviews, but for no host", "certificate_unknown"},
      {"host_as_other_name", Leaf([](auto* c) { c->names = {OtherName("reviews")}; }),
       "certificate is not for reviews, but for no host", "certificate_unknown"},
      {"host_as_common_name", Leaf([](auto* c) { c->names.clear(); }),
       "certificate is not for reviews, but for no host", "certificate_unknown"},
      {"another_host", Leaf([](auto* c) {
         c->names = {Dns("ratings"), Dns("details")};
       }),
       "certificate is not for reviews, but for ratings, details", "certificate_unknown"},
      {"broken_address", Leaf([](auto* c) {
         c->names = {Dns("reviews"), {fake::TestName::Type::kIpAddress, "123"}};
       }),
       "certificate is refused: a subjectAltName has an IP address of 3 bytes"},
  };
}

class PeerCheckTest : public testing::TestWithParam<size_t> {
 protected:
  static const World& world() {
    static const World& world = *new World;  // keys take time
    return world;
  }
};

INSTANTIATE_TEST_SUITE_P(BadInput20_21, PeerCheckTest, testing::Range(size_t{0}, Rows().size()),
                         [](const auto& row) { return Rows()[row.param].name; });

TEST_P(PeerCheckTest, ServersCertificate) {
  const Row row = Rows()[GetParam()];
  const auto client = MakeClient({.name = "reviews:443",
                                  .roots = world().root.roots(),
                                  .verifiers = {HostVerifier("reviews")},
                                  .now = [] { return kNow; }});
  const auto server =
      MakeServer({.identity = row.identity(world()).pair(), .now = [] { return kNow; }});
  // The answer is the same when it is remembered.
  for (int i = 0; i < 2; ++i) {
    EnginePair pair(client, server);
    const bool accepted = pair.Shake();
    EXPECT_EQ(accepted, row.error.empty()) << pair.Errors();
    if (accepted) continue;
    EXPECT_EQ(pair.client.error().code(), absl::StatusCode::kUnauthenticated);
    const std::string message(pair.client.error().message());
    EXPECT_TRUE(message.starts_with("TLS to reviews:443: ")) << message;
    EXPECT_NE(message.find(row.error), std::string::npos) << message;
    ReadAll(pair.server);
    EXPECT_EQ(pair.server.error(),
              absl::UnauthenticatedError("TLS: the peer refused us: alert " + row.alert));
  }
}

TEST(PeerCheckKeyTest, BadInput21_RsaKeysHave2048BitsAtLeast) {
  const TestCa root = TestCa::Root();
  const TestCa strong =
      root.Intermediate({.common_name = "strong", .key = fake::TestKey::kRsa2048});
  const TestCa weak = root.Intermediate({.common_name = "weak", .key = fake::TestKey::kRsa1024});
  const auto client = MakeClient({.roots = root.roots()});
  EnginePair good(client, MakeServer({.identity = strong.Leaf({.common_name = "reviews"}).pair()}));
  EnginePair bad(client, MakeServer({.identity = weak.Leaf({.common_name = "reviews"}).pair()}));
  EXPECT_TRUE(good.Shake()) << good.Errors();
  EXPECT_FALSE(bad.Shake());
  EXPECT_EQ(
      bad.client.error().message(),
      "TLS: certificate is too weak: it has an RSA key of 1024 bits, less than 2048 (CN=weak, "
      "issued by CN=root)");
}

TEST(PeerCheckKeyTest, ClientsCertificateNeedsClientAuth) {
  const TestCa root = TestCa::Root();
  const auto server = MakeServer(
      {.identity = root.Leaf({.names = {Dns("reviews")}}).pair(), .client_roots = root.roots()});
  const TestIdentity serving =
      root.Leaf({.common_name = "web", .extended_usages = std::vector<std::string>{"serverAuth"}});
  EnginePair pair(MakeClient({.identity = serving.pair(), .roots = root.roots()}), server);
  EXPECT_FALSE(pair.Shake());
  EXPECT_EQ(pair.server.error().message(),
            "TLS: certificate's key usages do not allow this (CN=web, issued by CN=root)");
}

TEST(PeerCheckKeyTest, TrustedIntermediatesAndLeavesNeedNoRoot) {
  const TestCa root = TestCa::Root();
  const TestCa intermediate = root.Intermediate();
  const TestIdentity leaf = intermediate.Leaf({.names = {Dns("reviews")}});
  const auto server = MakeServer({.identity = leaf.pair()});
  EnginePair by_intermediate(MakeClient({.roots = intermediate.roots()}), server);
  EXPECT_TRUE(by_intermediate.Shake()) << by_intermediate.Errors();
  const TestIdentity self = TestCa::SelfSigned({.names = {Dns("reviews")}});
  EnginePair by_leaf(MakeClient({.roots = *TrustRoots::FromPem(self.chain_pem, "self")}),
                     MakeServer({.identity = self.pair()}));
  EXPECT_TRUE(by_leaf.Shake()) << by_leaf.Errors();
}

TEST(PeerCheckKeyTest, RootsOfOneNameAreToldApartByTheirKeys) {
  const TestCa old_root = TestCa::Root({.common_name = "cluster.local"});
  const TestCa new_root = TestCa::Root({.common_name = "cluster.local"});
  const auto client =
      MakeClient({.roots = *TrustRoots::FromPem(old_root.pem() + new_root.pem(), "both")});
  for (const TestCa& root : {old_root, new_root}) {
    EnginePair pair(client, MakeServer({.identity = root.Leaf({.names = {Dns("a")}}).pair()}));
    EXPECT_TRUE(pair.Shake()) << pair.Errors();
  }
}

TEST(PeerCheckKeyTest, WithoutRootsOnlyVerifiersAreAsked) {
  const TestIdentity self = TestCa::SelfSigned({.names = {Dns("reviews")}});
  const auto server = MakeServer({.identity = self.pair()});
  EnginePair any(MakeClient({}), server);
  EXPECT_TRUE(any.Shake()) << any.Errors();
  EnginePair wrong(MakeClient({.verifiers = {HostVerifier("ratings")}}), server);
  EXPECT_FALSE(wrong.Shake());
}

TEST(PeerCheckKeyTest, ARememberedChainIsRefusedOnceItHasExpired) {
  const TestCa root = TestCa::Root();
  absl::Time now = absl::Now();
  const auto client = MakeClient({.roots = root.roots(), .now = [&now] { return now; }});
  const auto server = MakeServer({.identity = root.Leaf({.names = {Dns("a")}}).pair()});
  EnginePair before(client, server);
  EXPECT_TRUE(before.Shake()) << before.Errors();
  now += absl::Hours(25);
  EnginePair after(client, server);
  EXPECT_FALSE(after.Shake());
  EXPECT_NE(after.client.error().message().find("expired"), std::string::npos);
}

}  // namespace
}  // namespace meshlib::tls
