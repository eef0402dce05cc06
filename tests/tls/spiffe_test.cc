// SPDX-License-Identifier: Apache-2.0
#include "tls/spiffe.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fake/test_ca.h"
#include "tls/engine_pair.h"

namespace meshlib::tls {
namespace {

using fake::Dns;
using fake::TestCa;
using fake::TestCertificate;
using fake::TestIdentity;
using fake::TestUsage;
using fake::Uri;

TEST(SpiffeIdTest, ReadsTrustDomainAndPath) {
  const struct {
    std::string uri, trust_domain, path;
  } rows[] = {
      {"spiffe://cluster.local/ns/default/sa/reviews", "cluster.local", "/ns/default/sa/reviews"},
      {"spiffe://cluster.local", "cluster.local", ""},
      {"spiffe://a_b-c.9/A.b-c_9", "a_b-c.9", "/A.b-c_9"},
      {"spiffe://td/.hidden/...", "td", "/.hidden/..."},
      {"spiffe://td/" + std::string(2036, 'a'), "td", "/" + std::string(2036, 'a')},
  };
  for (const auto& row : rows) {
    const auto id = SpiffeId::Parse(row.uri);
    ASSERT_TRUE(id.ok()) << id.status();
    EXPECT_EQ(id->trust_domain, row.trust_domain);
    EXPECT_EQ(id->path, row.path);
    EXPECT_EQ(id->ToString(), row.uri);
  }
}

TEST(SpiffeIdTest, BadInput21_RefusesWhatTheStandardDoes) {
  const std::string rows[] = {
      "",
      "spiffe:",
      "spiffe:/",
      "spiffe://",
      "spiffe:///path",
      "SPIFFE://td/a",
      "Spiffe://td/a",
      "https://td/a",
      " spiffe://td/a",
      "spiffe://TD/a",
      "spiffe://td:80/a",
      "spiffe://user@td/a",
      "spiffe://[::1]/a",
      "spiffe://t%64/a",
      "spiffe://td/",
      "spiffe://td/a/",
      "spiffe://td//a",
      "spiffe://td/a//b",
      "spiffe://td/./a",
      "spiffe://td/a/..",
      "spiffe://td/../a",
      "spiffe://td/a?x",
      "spiffe://td/a#x",
      "spiffe://td?x",
      "spiffe://td#x",
      "spiffe://td/%61",
      "spiffe://td/a b",
      "spiffe://td/a\\b",
      "spiffe://td/a;b",
      "spiffe://td/a*",
      "spiffe://td/\xc3\xa4",
      std::string("spiffe://td/a\0", 14),
      std::string("spiffe://td\0/a", 14),
      "spiffe://td/" + std::string(2037, 'a'),
      "spiffe://" + std::string(256, 'a') + "/a",
  };
  for (const std::string& row : rows) EXPECT_FALSE(SpiffeId::Parse(row).ok()) << row;
}

constexpr char kWeb[] = "spiffe://cluster.local/ns/default/sa/web";

// A leaf as it should be, changed.
TestCertificate Svid(const std::function<void(TestCertificate*)>& change = [](auto*) {}) {
  TestCertificate certificate{.names = {Uri(kWeb)}, .names_critical = true};
  change(&certificate);
  return certificate;
}

// Both sides speak as sidecars do; the client's certificate is the row's.
class SpiffeTest : public testing::Test {
 protected:
  // Why the server refuses the client with this certificate; "": it does not.
  std::string Refusal(const TestIdentity& identity) const {
    EnginePair pair(MakeClient({.identity = identity.pair(), .spiffe_bundles = bundles_}),
                    MakeServer({.identity = ca_.Workload("spiffe://cluster.local/s").pair(),
                                .spiffe_bundles = bundles_,
                                .require_client_certificate = true}));
    if (pair.Shake()) return "";
    EXPECT_EQ(pair.server.error().code(), absl::StatusCode::kUnauthenticated) << pair.Errors();
    EXPECT_EQ(pair.client.error().code(), absl::StatusCode::kUnauthenticated) << pair.Errors();
    return std::string(pair.server.error().message());
  }

  const TestCa ca_ = TestCa::Root({.common_name = "root"});
  const TestCa other_ = TestCa::Root({.common_name = "other root"});
  const std::shared_ptr<const SpiffeBundles> bundles_ = std::make_shared<SpiffeBundles>(
      SpiffeBundles{{"cluster.local", ca_.roots()}, {"other.example", other_.roots()}});
};

TEST_F(SpiffeTest, AcceptsWorkloadsOfEachTrustDomainByItsOwnRoots) {
  EXPECT_EQ(Refusal(ca_.Workload(kWeb)), "");
  EXPECT_EQ(Refusal(ca_.Intermediate().Workload(kWeb)), "");
  EXPECT_EQ(Refusal(other_.Workload("spiffe://other.example/web")), "");
  EXPECT_EQ(Refusal(ca_.Leaf(Svid([](auto* c) { c->names.push_back(Dns("web.example")); }))), "");
  EXPECT_EQ(Refusal(ca_.Leaf(Svid([](auto* c) {
              c->common_name = "web";
              c->names_critical = false;
            }))),
            "");
  EXPECT_EQ(Refusal(ca_.Leaf(Svid([](auto* c) { c->extended_usages.emplace(); }))), "");
}

TEST_F(SpiffeTest, BadInput21_RefusesTrustDomainsSignedByOthersRoots) {
  EXPECT_NE(Refusal(ca_.Workload("spiffe://other.example/web"))
                .find("certificate is of an authority that is not trusted"),
            std::string::npos);
  EXPECT_NE(Refusal(other_.Workload(kWeb)).find("not trusted"), std::string::npos);
  EXPECT_EQ(Refusal(ca_.Workload("spiffe://elsewhere/web")),
            "TLS: certificate is refused: there are no roots for the trust domain of "
            "spiffe://elsewhere/web (URI spiffe://elsewhere/web, issued by CN=root)");
}

TEST_F(SpiffeTest, BadInput21_RefusesWhatIsNoSvid) {
  const struct {
    std::function<void(TestCertificate*)> change;
    std::string error;
  } rows[] = {
      {[](auto* c) { c->names.push_back(Uri("spiffe://cluster.local/other")); },
       "there is more than one URI among the names"},
      {[](auto* c) { c->names.push_back(Uri("https://example.com")); },
       "there is more than one URI among the names"},
      {[](auto* c) { c->names = {Dns("web")}; }, "there is no URI among the names"},
      {[](auto* c) {
         c->names.clear();
         c->common_name = kWeb;
       },
       "there is no URI among the names"},
      {[](auto* c) { c->names = {fake::Email(kWeb)}; }, "there is no URI among the names"},
      {[](auto* c) { c->names = {fake::OtherName(kWeb)}; }, "there is no URI among the names"},
      {[](auto* c) { c->names = {Uri("spiffe://Cluster.local/web")}; }, "is no SPIFFE ID"},
      {[](auto* c) { c->names = {Uri("spiffe://cluster.local:80/web")}; }, "is no SPIFFE ID"},
      {[](auto* c) { c->names = {Uri("spiffe://cluster.local/web?a")}; }, "is no SPIFFE ID"},
      {[](auto* c) { c->names = {Uri("spiffe://cluster.local/../web")}; }, "is no SPIFFE ID"},
      {[](auto* c) { c->names = {Uri("spiffe://cluster.local/web/")}; }, "is no SPIFFE ID"},
      {[](auto* c) { c->names = {Uri("spiffe://cluster.local/%77eb")}; }, "is no SPIFFE ID"},
      {[](auto* c) { c->names = {Uri("spiffe://cluster.local")}; },
       "the ID names a trust domain, not a workload"},
      {[](auto* c) { c->names = {Uri(std::string_view("spiffe://cluster.local/web\0", 27))}; },
       "a subjectAltName has a NUL byte"},
      {[](auto* c) { c->names_critical = false; },
       "the subject is empty and the names are not critical"},
      {[](auto* c) {
         c->authority = true;
         c->usages = std::vector{TestUsage::kDigitalSignature};
       },
       "the certificate is an authority's"},
      {[](auto* c) { c->usages.emplace(); }, "key usage is absent"},
      {[](auto* c) { c->usages_critical = false; }, "key usage is not critical"},
      {[](auto* c) {
         c->usages = {TestUsage::kDigitalSignature, TestUsage::kCertSign};
       },
       "key usage has keyCertSign"},
      {[](auto* c) {
         c->usages = {TestUsage::kDigitalSignature, TestUsage::kCrlSign};
       },
       "key usage has cRLSign"},
      {[](auto* c) { c->extended_usages = {"serverAuth"}; },
       "extended key usage lacks serverAuth or clientAuth"},
      {[](auto* c) { c->extended_usages = {"clientAuth"}; },
       "extended key usage lacks serverAuth or clientAuth"},
  };
  for (const auto& row : rows) {
    const std::string refusal = Refusal(ca_.Leaf(Svid(row.change)));
    EXPECT_NE(refusal.find(row.error), std::string::npos) << row.error << "; but: " << refusal;
  }
}

TEST_F(SpiffeTest, BadInput21_RefusesAuthoritiesAsPeers) {
  // The key of the bundle's own authority authenticates nobody.
  const TestIdentity authority = TestCa::SelfSigned(
      {.common_name = "root",
       .names = {Uri(kWeb)},
       .authority = true,
       .usages = std::vector{TestUsage::kDigitalSignature, TestUsage::kCertSign}});
  const auto bundles = std::make_shared<SpiffeBundles>(SpiffeBundles{
      {"cluster.local", *TrustRoots::FromPem(authority.chain_pem + ca_.pem(), "roots")}});
  EnginePair pair(MakeClient({.identity = authority.pair(), .spiffe_bundles = bundles}),
                  MakeServer({.identity = ca_.Workload("spiffe://cluster.local/s").pair(),
                              .spiffe_bundles = bundles,
                              .require_client_certificate = true}));
  EXPECT_FALSE(pair.Shake());
  EXPECT_EQ(pair.server.error().code(), absl::StatusCode::kUnauthenticated) << pair.Errors();
}

TEST_F(SpiffeTest, BadInput21_MissingDigitalSignatureIsRefused) {
  // By its values: a KeyPair with such a certificate cannot be made.
  PeerCertificate peer{.names = {{SubjectAltName::Type::kUri, kWeb}},
                       .subject = "CN=web",
                       .key_usage = KeyUsage{.critical = true, .digital_signature = true}};
  EXPECT_TRUE(ReadSvid(peer).ok());
  peer.key_usage->digital_signature = false;
  EXPECT_EQ(ReadSvid(peer).status().message(),
            "not a SPIFFE identity: key usage lacks digitalSignature");
}

TEST_F(SpiffeTest, NameConstraintsOfAnIntermediateHold) {
  const TestCa constrained =
      ca_.Intermediate({.common_name = "intermediate", .permitted = {Uri("other.example")}});
  EXPECT_NE(Refusal(constrained.Workload(kWeb)).find("permitted subtree violation"),
            std::string::npos);
}

TEST_F(SpiffeTest, VerifierAsksForATrustDomain) {
  PeerCertificate peer{.names = {{SubjectAltName::Type::kUri, kWeb}},
                       .subject = "CN=web",
                       .key_usage = KeyUsage{.critical = true, .digital_signature = true}};
  EXPECT_TRUE(SpiffeVerifier()->Verify(peer).ok());
  EXPECT_TRUE(SpiffeVerifier({"cluster.local"})->Verify(peer).ok());
  EXPECT_FALSE(SpiffeVerifier({"other.example"})->Verify(peer).ok());
  peer.is_authority = true;
  EXPECT_FALSE(SpiffeVerifier()->Verify(peer).ok());
}

}  // namespace
}  // namespace meshlib::tls
