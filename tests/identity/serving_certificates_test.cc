// SPDX-License-Identifier: Apache-2.0
#include "identity/serving_certificates.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "fake/fake_event_loop.h"
#include "tls/key_pair.h"
#include "tls/key_pair_check.h"
#include "tls/trust_roots.h"

namespace meshlib::identity {
namespace {

class ServingCertificatesTest : public ::testing::Test {
 protected:
  static constexpr absl::Duration kLifetime = absl::Hours(2);

  bool IsGood(const ServingCertificate& serving) {
    const auto pair = tls::KeyPair::FromPem(serving.chain_pem, serving.key_pem, "test").value();
    const auto roots = tls::TrustRoots::FromPem(authority_->root_pem(), "test").value();
    return tls::CheckKeyPair(*pair, *roots, loop_.clock().WallNow()).ok();
  }

  fake::FakeEventLoop loop_;
  const std::unique_ptr<CertificateAuthority> authority_ =
      CertificateAuthority::InMemory({.lifetime = kLifetime}, loop_.clock()).value();
  std::string lines_;
  const std::unique_ptr<ServingCertificates> certificates_ =
      ServingCertificates::Start(*authority_, {"127.0.0.1", "istiod.istio-system.svc"}, loop_,
                                 [this](const std::string& line) { lines_ += line + "\n"; })
          .value();
};

TEST_F(ServingCertificatesTest, TheFirstIsThereAtOnceAndLivesAsLongAsOthers) {
  const auto first = certificates_->Current();
  EXPECT_TRUE(IsGood(*first));
  EXPECT_EQ(first->not_after, loop_.clock().WallNow() + kLifetime);
}

TEST_F(ServingCertificatesTest, AnotherWithAnotherKeyComesAtHalfOfItsLife) {
  const auto first = certificates_->Current();
  loop_.Advance(kLifetime / 2 - absl::Seconds(1));
  EXPECT_EQ(certificates_->Current(), first);
  loop_.Advance(absl::Seconds(2));
  const auto second = certificates_->Current();
  EXPECT_NE(second->chain_pem, first->chain_pem);
  EXPECT_NE(second->key_pem, first->key_pem);
  EXPECT_TRUE(IsGood(*second));
}

TEST_F(ServingCertificatesTest, ItIsValidAtAllTimes) {
  for (int minutes = 0; minutes < 600; minutes += 7) {
    EXPECT_TRUE(IsGood(*certificates_->Current())) << minutes;
    loop_.Advance(absl::Minutes(7));
  }
}

TEST_F(ServingCertificatesTest, AClockThatJumpedIsNoticedSoon) {
  const auto first = certificates_->Current();
  loop_.clock().JumpWall(kLifetime * 3);  // the laptop slept
  loop_.Advance(absl::Seconds(31));
  EXPECT_NE(certificates_->Current(), first);
  EXPECT_TRUE(IsGood(*certificates_->Current()));
}

TEST_F(ServingCertificatesTest, ItIsLoggedWithoutTheKey) {
  loop_.Advance(kLifetime);
  EXPECT_NE(lines_.find("the serving certificate is valid until"), std::string::npos) << lines_;
  EXPECT_EQ(lines_.find("PRIVATE"), std::string::npos);
}

}  // namespace
}  // namespace meshlib::identity
