// SPDX-License-Identifier: Apache-2.0
#include "tls/authority.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "tls/key_pair.h"
#include "tls/key_pair_check.h"
#include "tls/message_authentication.h"
#include "tls/signing_request.h"
#include "tls/spiffe.h"
#include "tls/trust_roots.h"

namespace meshlib::tls {
namespace {

constexpr const char* kReviews = "spiffe://cluster.local/ns/default/sa/reviews";

class AuthorityTest : public ::testing::Test {
 protected:
  LeafOptions Options() const {
    return {.names = {{SubjectAltName::Type::kUri, kReviews}},
            .not_before = now_ - absl::Minutes(2),
            .not_after = now_ + absl::Hours(1)};
  }
  // As peers that trust only this authority see a leaf.
  absl::StatusOr<PeerCertificate> Seen(const std::string& leaf, const Authority& authority) const {
    const auto pair = KeyPair::FromKey(leaf, *key_, "test");
    if (!pair.ok()) return pair.status();
    return CheckKeyPair(**pair, *TrustRoots::FromPem(authority.root_pem(), "test").value(), now_);
  }

  const absl::Time now_ = absl::Now();
  const std::shared_ptr<const Authority> authority_ =
      Authority::Generate("cluster.local", now_ - absl::Hours(1), now_ + absl::Hours(100)).value();
  const std::shared_ptr<const PrivateKey> key_ = PrivateKey::Generate().value();
};

TEST_F(AuthorityTest, CertifiesTheKeyOfARequestWithNamesOfItsOwn) {
  const auto request = MakeSigningRequest(*key_, "spiffe://cluster.local/ns/other/sa/other");
  const auto leaf = authority_->Sign(request.value(), Options());
  ASSERT_TRUE(leaf.ok()) << leaf.status();
  const auto seen = Seen(*leaf, *authority_);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->names, Options().names);
  EXPECT_TRUE(seen->names_critical);
  EXPECT_EQ(seen->subject, "");
  EXPECT_FALSE(seen->is_authority);
  EXPECT_EQ(ReadSvid(*seen)->ToString(), kReviews);
}

TEST_F(AuthorityTest, AnotherAuthoritysLeavesAreNotTrusted) {
  const auto other = Authority::Generate("cluster.local", now_, now_ + absl::Hours(1)).value();
  EXPECT_FALSE(Seen(authority_->SignKey(*key_, Options()).value(), *other).ok());
}

TEST_F(AuthorityTest, NamesMayBeHostsAndAddresses) {
  LeafOptions options = Options();
  options.names = {{SubjectAltName::Type::kDns, "localhost"},
                   {SubjectAltName::Type::kIpAddress, "127.0.0.1"},
                   {SubjectAltName::Type::kIpAddress, "::1"}};
  const auto seen = Seen(authority_->SignKey(*key_, options).value(), *authority_);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_EQ(seen->names, options.names);
}

TEST_F(AuthorityTest, NamesThatCannotBeSaidAreRefused) {
  for (const SubjectAltName& name :
       std::initializer_list<SubjectAltName>{{SubjectAltName::Type::kUri, ""},
                                             {SubjectAltName::Type::kDns, std::string("a\0b", 3)},
                                             {SubjectAltName::Type::kIpAddress, "localhost"},
                                             {SubjectAltName::Type::kOther, "x"}}) {
    LeafOptions options = Options();
    options.names = {name};
    EXPECT_FALSE(authority_->SignKey(*key_, options).ok()) << name.value;
  }
}

TEST_F(AuthorityTest, RequestsThatAreGarbageOrAlteredAreRefused) {
  const std::string request = MakeSigningRequest(*key_, kReviews).value();
  EXPECT_FALSE(authority_->Sign("", Options()).ok());
  EXPECT_FALSE(authority_->Sign(request.substr(0, request.size() / 2), Options()).ok());
  EXPECT_FALSE(authority_->Sign(std::string(1 << 20, 'A'), Options()).ok());
  const size_t body = request.find('\n') + 1;
  for (size_t at = body; at < request.rfind("-----END") - 6; ++at) {
    if (request[at] == '\n' || request[at] == '=') continue;
    std::string altered = request;
    altered[at] = altered[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(authority_->Sign(altered, Options()).ok()) << at;
  }
}

TEST_F(AuthorityTest, ComesBackFromItsText) {
  const auto again = Authority::FromPem(authority_->ToPem(), "ca.pem");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ((*again)->root_pem(), authority_->root_pem());
  EXPECT_EQ((*again)->DeriveSecret("a").value(), authority_->DeriveSecret("a").value());
  EXPECT_NE((*again)->DeriveSecret("a").value(), (*again)->DeriveSecret("b").value());
  EXPECT_TRUE(Seen((*again)->SignKey(*key_, Options()).value(), *authority_).ok());
}

TEST_F(AuthorityTest, TextsOfSomethingElseAreRefusedByName) {
  const std::string leaf = authority_->SignKey(*key_, Options()).value();
  for (const std::string& text : {std::string("hello"), authority_->root_pem(),
                                  authority_->root_pem() + key_->ToPem(), leaf + key_->ToPem()}) {
    const auto authority = Authority::FromPem(text, "ca.pem");
    ASSERT_FALSE(authority.ok());
    EXPECT_NE(std::string(authority.status().message()).find("ca.pem"), std::string::npos)
        << authority.status();
  }
}

// RFC 4231 section 4.3.
TEST(MessageAuthenticationTest, IsThatOfTheStandard) {
  const std::string mac = HmacSha256("Jefe", "what do ya want for nothing?");
  EXPECT_EQ(mac.substr(0, 4), "\x5b\xdc\xc1\x46");
  EXPECT_EQ(mac.size(), 32u);
  EXPECT_TRUE(ConstantTimeEquals(mac, mac));
  EXPECT_FALSE(ConstantTimeEquals(mac, mac.substr(1)));
  EXPECT_FALSE(ConstantTimeEquals(mac, std::string(32, 'x')));
}

}  // namespace
}  // namespace meshlib::tls
