// SPDX-License-Identifier: Apache-2.0
// Certificates of a Cluster: from files that come, go and are half written, to what handshakes use.

#include "snapshot/tls_materials.h"

#include <gtest/gtest.h>

#include "fake/fake_files.h"
#include "fake/fake_identity.h"
#include "fake/test_ca.h"
#include "snapshot/upstream_tls.h"

namespace meshlib::snapshot {
namespace {

using fake::Dns;
using fake::TestCa;
using resource::CertificateSource;
using resource::TlsContext;

constexpr const char* kMe = "spiffe://cluster.local/ns/default/sa/me";

const TestCa& Ca() {
  static const TestCa ca = TestCa::Root();
  return ca;
}
const TestCa& OtherCa() {
  static const TestCa ca = TestCa::Root({.common_name = "other"});
  return ca;
}
const fake::TestIdentity& Leaf() {
  static const fake::TestIdentity leaf = Ca().Leaf({.names = {Dns("me.example")}});
  return leaf;
}

CertificateSource RootsAt(const std::string& path) {
  CertificateSource source;
  source.ca_file = path;
  return source;
}
CertificateSource PairAt(const std::string& chain, const std::string& key) {
  CertificateSource source;
  source.certificate_file = chain;
  source.private_key_file = key;
  return source;
}
CertificateSource Secret(const std::string& name) {
  CertificateSource source;
  source.secret = name;
  return source;
}

class TlsMaterialsTest : public ::testing::Test {
 protected:
  void Make(const std::string& system_roots = "") {
    materials_ = std::make_unique<TlsMaterials>(
        TlsMaterialSources{.files = &files_,
                           .identity = identity_.get(),
                           .system_roots = system_roots,
                           .warn = [this](std::string_view line) { warned_ += line; }},
        [this] { ++changes_; });
  }
  // "policy" of the context for a request to db.example, or why there is none.
  std::string Told(const UpstreamTls& tls) {
    const auto context = tls.current()->For("db.example");
    if (!context.ok()) return "error: " + std::string(context.status().message());
    return (*context)->settings().policy;
  }
  UpstreamTls Tls(const CertificateSource& roots) {
    TlsContext context;
    context.roots = roots;
    return UpstreamTls(context, {}, *materials_);
  }

  fake::FakeFiles files_;
  std::unique_ptr<fake::FakeIdentity> identity_;
  std::unique_ptr<TlsMaterials> materials_;
  std::string warned_;
  int changes_ = 0;
};

TEST_F(TlsMaterialsTest, AFileThatIsNotThereFailsUntilItAppears) {
  Make();
  UpstreamTls tls = Tls(RootsAt("/ca.pem"));
  EXPECT_EQ(Told(tls), "error: /ca.pem: No such file or directory");
  EXPECT_EQ(materials_->Problems(), std::vector<std::string>{"/ca.pem: No such file or directory"});
  files_.Write("/ca.pem", Ca().pem());
  EXPECT_EQ(changes_, 1);
  EXPECT_TRUE(tls.Update());
  EXPECT_EQ(Told(tls), "TLS, roots /ca.pem, version 1");
  EXPECT_TRUE(materials_->Problems().empty());
}

TEST_F(TlsMaterialsTest, ARotatedFileIsAnotherPolicy) {
  Make();
  files_.Write("/ca.pem", Ca().pem());
  UpstreamTls tls = Tls(RootsAt("/ca.pem"));
  files_.Write("/ca.pem", OtherCa().pem());
  EXPECT_TRUE(tls.Update());
  EXPECT_EQ(Told(tls), "TLS, roots /ca.pem, version 2");
}

TEST_F(TlsMaterialsTest, AFileThatIsWrittenAgainTheSameChangesNothing) {
  Make();
  files_.Write("/ca.pem", Ca().pem());
  UpstreamTls tls = Tls(RootsAt("/ca.pem"));
  files_.Write("/ca.pem", Ca().pem());
  EXPECT_EQ(changes_, 0);
  EXPECT_FALSE(tls.Update());
}

TEST_F(TlsMaterialsTest, ABrokenFileKeepsTheLastGoodAndIsReported) {
  Make();
  files_.Write("/ca.pem", Ca().pem());
  UpstreamTls tls = Tls(RootsAt("/ca.pem"));
  for (const std::string& broken :
       {std::string(), std::string("garbage"), Ca().pem().substr(0, 90)}) {
    files_.Write("/ca.pem", broken);
    tls.Update();
    EXPECT_EQ(Told(tls), "TLS, roots /ca.pem, version 1");
    EXPECT_NE(warned_.find("/ca.pem"), std::string::npos) << broken;
    EXPECT_NE(warned_.find("the last good version stays in use"), std::string::npos) << warned_;
    EXPECT_EQ(materials_->Problems().size(), 1u);
  }
  files_.Write("/ca.pem", Ca().pem());
  EXPECT_TRUE(materials_->Problems().empty());
  EXPECT_NE(warned_.find("/ca.pem is usable now"), std::string::npos) << warned_;
}

TEST_F(TlsMaterialsTest, AnEmptyFileOfRootsIsNoTrustInEverybody) {
  Make();
  files_.Write("/ca.pem", "");
  EXPECT_EQ(Told(Tls(RootsAt("/ca.pem"))).rfind("error: /ca.pem", 0), 0u);
}

TEST_F(TlsMaterialsTest, ARenewedLeafLeavesThePolicyAsItWas) {
  Make();
  files_.Write("/ca.pem", Ca().pem());
  files_.Write("/chain.pem", Leaf().chain_pem);
  files_.Write("/key.pem", Leaf().key_pem);
  TlsContext context;
  context.roots = RootsAt("/ca.pem");
  context.identity = PairAt("/chain.pem", "/key.pem");
  UpstreamTls tls(context, {}, *materials_);
  const std::string policy = Told(tls);
  EXPECT_EQ(policy, "mutual TLS, certificate /chain.pem and /key.pem, roots /ca.pem, version 1");
  const auto before = (*tls.current()->For(""))->settings().identity;

  const fake::TestIdentity next = Ca().Leaf({.names = {Dns("me.example")}});
  files_.Write("/chain.pem", next.chain_pem);
  tls.Update();
  EXPECT_EQ((*tls.current()->For(""))->settings().identity, before) << "half of a pair was used";
  EXPECT_NE(warned_.find("/chain.pem"), std::string::npos);
  files_.Write("/key.pem", next.key_pem);
  tls.Update();
  EXPECT_NE((*tls.current()->For(""))->settings().identity, before);
  EXPECT_EQ(Told(tls), policy);
}

TEST_F(TlsMaterialsTest, AKeyOfAnotherCertificateIsRefused) {
  Make();
  files_.Write("/chain.pem", Leaf().chain_pem);
  files_.Write("/key.pem", Ca().Leaf({}).key_pem);
  TlsContext context;
  context.identity = PairAt("/chain.pem", "/key.pem");
  const std::string told = Told(UpstreamTls(context, {}, *materials_));
  EXPECT_EQ(told.rfind("error: ", 0), 0u) << told;
  EXPECT_NE(told.find("/chain.pem and /key.pem"), std::string::npos) << told;
  EXPECT_EQ(told.find("PRIVATE"), std::string::npos);
}

TEST_F(TlsMaterialsTest, IstiosNamesOfFilesAreRead) {
  Make("/system.pem");
  files_.Write("/system.pem", Ca().pem());
  files_.Write("/ca.pem", Ca().pem());
  files_.Write("/chain.pem", Leaf().chain_pem);
  files_.Write("/key.pem", Leaf().key_pem);
  EXPECT_EQ(Told(Tls(Secret("file-root:/ca.pem"))), "TLS, roots /ca.pem, version 1");
  EXPECT_EQ(Told(Tls(Secret("file-root:system"))), "TLS, roots /system.pem, version 1");
  EXPECT_NE(materials_->KeyPair(Secret("file-cert:/chain.pem~/key.pem"))->value, nullptr);
  EXPECT_EQ(Told(Tls(Secret("kubernetes://db"))),
            "error: the secret \"kubernetes://db\" is of a kind that is not supported yet");
}

TEST_F(TlsMaterialsTest, AMachineWithoutRootsFailsWhatNeedsThem) {
  Make();
  TlsContext context = UpstreamTls::OfUrls();
  EXPECT_EQ(Told(UpstreamTls(context, {.sni = true, .names = true}, *materials_)),
            "error: this machine has no file of trusted CAs (set SSL_CERT_FILE)");
}

TEST_F(TlsMaterialsTest, AWorkloadWithoutIdentityFailsWhatNeedsOne) {
  Make();
  for (const CertificateSource& source : {Secret("ROOTCA"), [] {
                                            CertificateSource instance;
                                            instance.provider_instance = "default";
                                            return instance;
                                          }()}) {
    EXPECT_EQ(Told(Tls(source)), "error: the workload has no identity");
  }
  EXPECT_EQ(materials_->KeyPair(Secret("default"))->value, nullptr);
  EXPECT_FALSE(Tls(Secret("ROOTCA")).current()->is_awaited());
}

TEST_F(TlsMaterialsTest, WhyThereIsNoIdentityYetIsTheNewestReason) {
  identity_ = std::make_unique<fake::FakeIdentity>();
  Make();
  UpstreamTls tls = Tls(Secret("ROOTCA"));
  identity_->Fail(absl::DeadlineExceededError("no answer within 10s"));
  EXPECT_TRUE(tls.Update());
  EXPECT_EQ(Told(tls), "error: no answer within 10s");
  EXPECT_TRUE(tls.current()->is_awaited());
}

TEST_F(TlsMaterialsTest, AnAuthorityThatIsNoneIsNotWaitedFor) {
  identity_ = std::make_unique<fake::FakeIdentity>();
  Make();
  UpstreamTls tls = Tls(Secret("ROOTCA"));
  identity_->Fail(absl::UnimplementedError("unknown service"));
  EXPECT_TRUE(tls.Update());
  EXPECT_EQ(Told(tls), "error: unknown service");
  EXPECT_FALSE(tls.current()->is_awaited());
}

TEST_F(TlsMaterialsTest, TheWorkloadsIdentityIsUsedOnceItIsThereAndFollowed) {
  identity_ = std::make_unique<fake::FakeIdentity>();
  Make();
  TlsContext context;
  context.identity = Secret("default");
  context.roots = Secret("ROOTCA");
  UpstreamTls tls(context, {}, *materials_);
  EXPECT_EQ(Told(tls), "error: the workload has no identity yet");
  EXPECT_TRUE(tls.current()->is_awaited());

  const auto bundles = std::make_shared<const tls::SpiffeBundles>(
      tls::SpiffeBundles{{"cluster.local", Ca().roots()}});
  identity_->Become(Ca().Workload(kMe), bundles);
  EXPECT_TRUE(tls.Update());
  const std::string policy = Told(tls);
  EXPECT_FALSE(tls.current()->is_awaited());
  EXPECT_EQ((*tls.current()->For(""))->settings().spiffe_bundles, bundles);
  EXPECT_EQ((*tls.current()->For(""))->settings().roots, nullptr);

  identity_->Become(Ca().Workload(kMe), bundles);
  EXPECT_TRUE(tls.Update());
  EXPECT_EQ(Told(tls), policy) << "a renewed leaf is the same policy";

  identity_->Become(OtherCa().Workload(kMe),
                    std::make_shared<const tls::SpiffeBundles>(
                        tls::SpiffeBundles{{"cluster.local", OtherCa().roots()}}));
  EXPECT_TRUE(tls.Update());
  EXPECT_NE(Told(tls), policy) << "other roots are another policy";
}

TEST_F(TlsMaterialsTest, FilesThatNobodyNeedsAreNotWatched) {
  Make();
  files_.Write("/ca.pem", Ca().pem());
  {
    const UpstreamTls a = Tls(RootsAt("/ca.pem"));
    const UpstreamTls b = Tls(RootsAt("/ca.pem"));
    EXPECT_EQ(files_.watchers("/ca.pem"), 1u);
  }
  EXPECT_EQ(files_.watchers("/ca.pem"), 0u);
}

TEST_F(TlsMaterialsTest, HostsOfRequestsBecomeSniAndName) {
  Make();
  files_.Write("/ca.pem", Ca().pem());
  TlsContext context;
  context.roots = RootsAt("/ca.pem");
  const UpstreamTls tls(context, {.sni = true, .names = true}, *materials_);
  const auto of_name = tls.current()->For("db.example").value();
  EXPECT_EQ(of_name->settings().sni, "db.example");
  EXPECT_EQ(of_name->settings().verifiers.size(), 1u);
  EXPECT_EQ(tls.current()->For("db.example").value(), of_name);
  const auto of_ip = tls.current()->For("10.0.0.1").value();
  EXPECT_EQ(of_ip->settings().sni, "");
  EXPECT_NE(of_ip->settings().policy, of_name->settings().policy);
  for (const std::string& host : {std::string(), std::string(300, 'a'), std::string("a\0b", 3)}) {
    EXPECT_FALSE(tls.current()->For(host).ok()) << host;
  }
}

TEST_F(TlsMaterialsTest, AnSniOfThePolicyGoesBeforeTheHost) {
  Make();
  files_.Write("/ca.pem", Ca().pem());
  TlsContext context;
  context.roots = RootsAt("/ca.pem");
  context.sni = "fixed.example";
  const UpstreamTls tls(context, {.sni = true, .names = false}, *materials_);
  EXPECT_EQ(tls.current()->For("db.example").value()->settings().sni, "fixed.example");
}

TEST_F(TlsMaterialsTest, OfferedProtocolsAreThoseOfHttp11) {
  struct Row {
    std::vector<std::string> asked, offered;
  };
  const Row rows[] = {
      {{"istio-peer-exchange", "istio"}, {"istio-http/1.1", "istio", "http/1.1"}},
      {{"istio-peer-exchange", "istio", "h2"}, {"istio-http/1.1", "istio", "http/1.1"}},
      {{"h2"}, {"http/1.1"}},
      {{}, {"http/1.1"}},
      {{"h2", "http/1.1"}, {"http/1.1"}},
  };
  Make();
  for (const Row& row : rows) {
    TlsContext context;
    context.alpn = row.asked;
    const UpstreamTls tls(context, {}, *materials_);
    EXPECT_EQ(tls.current()->For("").value()->settings().alpn, row.offered);
  }
}

}  // namespace
}  // namespace meshlib::snapshot
