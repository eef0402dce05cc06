// SPDX-License-Identifier: Apache-2.0
#include "mesh/inbound_tls.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "fake/fake_identity.h"
#include "fake/test_ca.h"

namespace meshlib::mesh {
namespace {

resource::TlsContext MutualTls() {
  resource::TlsContext settings;
  settings.identity.emplace().secret = "default";
  settings.roots.emplace().secret = "ROOTCA";
  settings.require_client_certificate = true;
  settings.alpn = {"h2", "http/1.1"};
  return settings;
}

class InboundTlsTest : public ::testing::Test {
 protected:
  void Become(const std::string& account) {
    identity_.Become(ca_.Workload("spiffe://cluster.local/ns/default/sa/" + account), bundles_);
  }

  const fake::TestCa ca_ = fake::TestCa::Root();
  const std::shared_ptr<const tls::SpiffeBundles> bundles_ =
      std::make_shared<const tls::SpiffeBundles>(
          tls::SpiffeBundles{{"cluster.local", ca_.roots()}});
  fake::FakeIdentity identity_;
  InboundTls tls_{{.identity = &identity_}};
};

TEST_F(InboundTlsTest, WithoutACertificateHandshakesAreRefusedWithTheReason) {
  const auto context = tls_.Resolve(MutualTls())();
  ASSERT_FALSE(context.ok());
  EXPECT_NE(std::string(context.status().message()).find("security: no certificate"),
            std::string::npos)
      << context.status();
  EXPECT_TRUE(absl::IsUnavailable(context.status())) << "it will come: " << context.status();
}

TEST_F(InboundTlsTest, ACertificateThatWillNotComeIsNoneThatIsAwaited) {
  identity_.Fail(absl::UnimplementedError("unknown service"));
  const auto context = tls_.Resolve(MutualTls())();
  EXPECT_TRUE(absl::IsFailedPrecondition(context.status())) << context.status();
}

TEST_F(InboundTlsTest, TellsWhenSourcesGiveSomethingElse) {
  const auto source = tls_.Resolve(MutualTls());
  bool had_one = false;
  int told = 0;
  auto watch = tls_.Watch([&] {
    ++told;
    had_one = source().ok();
  });
  Become("reviews");
  EXPECT_GT(told, 0);
  EXPECT_TRUE(had_one);
  watch.Reset();
  const int before = told;
  Become("reviews");
  EXPECT_EQ(told, before);
}

TEST_F(InboundTlsTest, ACertificateThatComesLaterIsUsed) {
  const auto source = tls_.Resolve(MutualTls());
  Become("reviews");
  const auto context = source();
  ASSERT_TRUE(context.ok()) << context.status();
  EXPECT_EQ((*context)->settings().spiffe_bundles, bundles_);
  EXPECT_TRUE((*context)->settings().require_client_certificate);
}

TEST_F(InboundTlsTest, ARenewedCertificateHoldsForHandshakesFromThenOn) {
  Become("reviews");
  const auto source = tls_.Resolve(MutualTls());
  const auto before = source().value();
  EXPECT_EQ(source().value(), before);
  Become("reviews");
  const auto after = source().value();
  EXPECT_NE(after, before);
  EXPECT_EQ(after->settings().identity, identity_.Current()->key_pair);
}

TEST_F(InboundTlsTest, ChainsThatAskForTheSameShareAContext) {
  Become("reviews");
  const auto one = tls_.Resolve(MutualTls());
  const auto two = tls_.Resolve(MutualTls());
  EXPECT_EQ(one().value(), two().value());
}

TEST_F(InboundTlsTest, TheRootsVouchForTrustDomainsThatArePrefixesOfNames) {
  Become("reviews");
  resource::TlsContext settings = MutualTls();
  for (const char* prefix : {"spiffe://cluster.local/", "spiffe://td.example/", "spiffe://", "a"}) {
    resource::SanMatcher& name = settings.peer_names.emplace_back();
    name.matcher.kind = resource::StringMatcher::Kind::kPrefix;
    name.matcher.value = prefix;
  }
  const auto context = tls_.Resolve(settings)().value();
  const tls::SpiffeBundles& bundles = *context->settings().spiffe_bundles;
  EXPECT_EQ(bundles.size(), 2u);
  EXPECT_EQ(bundles.at("td.example"), bundles_->at("cluster.local"));
}

TEST_F(InboundTlsTest, HttpTwoIsNotOffered) {
  Become("reviews");
  EXPECT_EQ(tls_.Resolve(MutualTls())().value()->settings().alpn,
            (std::vector<std::string>{"http/1.1"}));
}

TEST_F(InboundTlsTest, ClientCertificatesAreNeverRequiredWithoutRootsToCheckThem) {
  Become("reviews");
  resource::TlsContext settings = MutualTls();
  settings.roots.reset();
  EXPECT_FALSE(tls_.Resolve(settings)().ok());
}

TEST_F(InboundTlsTest, AServerWithoutANamedCertificateRefuses) {
  Become("reviews");
  resource::TlsContext settings = MutualTls();
  settings.identity.reset();
  EXPECT_FALSE(tls_.Resolve(settings)().ok());
}

TEST(InboundTlsLifetimeTest, WhatItGaveMayOutliveIt) {
  fake::FakeIdentity identity;
  auto tls = std::make_unique<InboundTls>(snapshot::TlsMaterialSources{.identity = &identity});
  const auto source = tls->Resolve(MutualTls());
  tls = nullptr;
  EXPECT_FALSE(source().ok());
}

}  // namespace
}  // namespace meshlib::mesh
