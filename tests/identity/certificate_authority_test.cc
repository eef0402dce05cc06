// SPDX-License-Identifier: Apache-2.0
#include "identity/certificate_authority.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "fake/fake_certificate_service.h"
#include "fake/fake_clock.h"
#include "identity/certificate_endpoint.h"
#include "identity/certificate_messages.h"
#include "identity/issued_identity.h"
#include "manifest/temp_directory.h"
#include "tls/key_pair_check.h"
#include "tls/signing_request.h"

namespace meshlib::identity {
namespace {

namespace fs = std::filesystem;

const WorkloadName kCart{.name_space = "shop", .service_account = "cart"};

class CertificateAuthorityTest : public ::testing::Test {
 protected:
  std::string Request() const {
    return tls::MakeSigningRequest(*key_, "spiffe://whatever/it/says").value();
  }
  absl::Duration LifetimeOf(const std::vector<std::string>& chain) const {
    return tls::KeyPair::FromKey(chain[0], *key_, "test").value()->not_after() - clock_.WallNow();
  }
  std::unique_ptr<CertificateAuthority> InFile(const std::string& path) const {
    return CertificateAuthority::InFile(path, {}, clock_).value();
  }

  fake::FakeClock clock_;
  const std::shared_ptr<const tls::PrivateKey> key_ = tls::PrivateKey::Generate().value();
  const std::unique_ptr<CertificateAuthority> authority_ =
      CertificateAuthority::InMemory({}, clock_).value();
  manifest::TempDirectory directory_;
};

TEST_F(CertificateAuthorityTest, IssuesWhatAWorkloadAccepts) {
  const auto chain = authority_->Issue(Request(), kCart, absl::Hours(1)).value();
  ASSERT_EQ(chain.size(), 2u);
  EXPECT_EQ(chain[1], authority_->root_pem());
  const auto issued = CheckIssued(chain, *key_, kCart, clock_.WallNow());
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_EQ(issued->not_before, clock_.WallNow() - absl::Minutes(2));
  EXPECT_EQ(issued->not_after, clock_.WallNow() + absl::Hours(1));
}

TEST_F(CertificateAuthorityTest, LifetimesAreThoseAskedForUpToTheLongest) {
  EXPECT_EQ(LifetimeOf(*authority_->Issue(Request(), kCart, absl::Seconds(10))), absl::Seconds(10));
  EXPECT_EQ(LifetimeOf(*authority_->Issue(Request(), kCart, absl::ZeroDuration())),
            absl::Hours(24));
  EXPECT_EQ(LifetimeOf(*authority_->Issue(Request(), kCart, absl::Hours(999))), absl::Hours(24));
}

TEST_F(CertificateAuthorityTest, RefusesBadRequestsAndNames) {
  EXPECT_FALSE(authority_->Issue("hello", kCart, {}).ok());
  std::string altered = Request();
  char& byte = altered[altered.size() - 60];
  byte = byte == 'A' ? 'B' : 'A';
  EXPECT_FALSE(authority_->Issue(altered, kCart, {}).ok());
  EXPECT_FALSE(authority_->Issue(Request(), {.service_account = "a/b"}, {}).ok());
  EXPECT_FALSE(authority_->Issue(Request(), {.trust_domain = "example.org"}, {}).ok());
}

TEST_F(CertificateAuthorityTest, AServingCertificateNamesHostsAndAddresses) {
  const auto serving = authority_->IssueServing({"127.0.0.1", "localhost"}).value();
  const auto pair = tls::KeyPair::FromPem(serving.chain_pem, serving.key_pem, "test").value();
  const auto roots = tls::TrustRoots::FromPem(authority_->root_pem(), "test").value();
  const auto leaf = tls::CheckKeyPair(*pair, *roots, clock_.WallNow()).value();
  using Type = tls::SubjectAltName::Type;
  EXPECT_EQ(leaf.names, (std::vector<tls::SubjectAltName>{{Type::kIpAddress, "127.0.0.1"},
                                                          {Type::kDns, "localhost"}}));
}

TEST_F(CertificateAuthorityTest, ARootInAFileSurvivesARestart) {
  const std::string path = directory_.At("ca.pem");
  const auto first = InFile(path);
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const auto second = InFile(path);
  EXPECT_EQ(first->root_pem(), second->root_pem());
  const std::string token = first->tokens()
                                .Issue({.name_space = "shop",
                                        .service_account = "cart",
                                        .issued_at = clock_.WallNow(),
                                        .expires_at = clock_.WallNow() + absl::Hours(1)})
                                .value();
  EXPECT_TRUE(second->tokens().Check(token, clock_.WallNow()).ok());
  EXPECT_FALSE(authority_->tokens().Check(token, clock_.WallNow()).ok());
}

TEST_F(CertificateAuthorityTest, ABadFileOfARootIsNamedAndLeftAlone) {
  const std::string path = directory_.At("ca.pem");
  directory_.Write("ca.pem", "hello");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  const auto garbage = CertificateAuthority::InFile(path, {}, clock_);
  ASSERT_FALSE(garbage.ok());
  EXPECT_NE(std::string(garbage.status().message()).find(path), std::string::npos);
  fs::remove(path);
  InFile(path);
  fs::permissions(path, fs::perms::others_read, fs::perm_options::add);
  EXPECT_EQ(CertificateAuthority::InFile(path, {}, clock_).status().code(),
            absl::StatusCode::kPermissionDenied);
}

class CertificateEndpointTest : public CertificateAuthorityTest {
 protected:
  std::string Ask(std::map<std::string, std::string> metadata = {}) const {
    return EncodeRequest({Request(), absl::Seconds(60), std::move(metadata)});
  }
  // The SPIFFE ID that is issued, or the error.
  std::string IssuedTo(const CertificateEndpoint& endpoint,
                       const std::optional<std::string>& authorization,
                       const std::string& request) const {
    const auto response = endpoint.CreateCertificate(authorization, request);
    if (!response.ok()) return std::string(response.status().message());
    const auto chain = DecodeResponse(*response).value();
    const auto pair = tls::KeyPair::FromKey(chain[0], *key_, "test").value();
    const auto roots = tls::TrustRoots::FromPem(chain[1], "test").value();
    return tls::CheckKeyPair(*pair, *roots, clock_.WallNow())->names.front().value;
  }
  std::string Token(absl::Duration lifetime) const {
    return authority_->tokens()
        .Issue({.name_space = "shop",
                .service_account = "cart",
                .issued_at = clock_.WallNow(),
                .expires_at = clock_.WallNow() + lifetime})
        .value();
  }

  const CertificateEndpoint by_token_{*authority_, CallerProof::kToken};
  const CertificateEndpoint open_{*authority_, CallerProof::kNothing};
};

TEST_F(CertificateEndpointTest, ATokenDecidesAndMetadataDoesNot) {
  EXPECT_EQ(IssuedTo(by_token_, "Bearer " + Token(absl::Hours(1)), Ask({{"NAMESPACE", "root"}})),
            "spiffe://cluster.local/ns/shop/sa/cart");
}

TEST_F(CertificateEndpointTest, WithoutAGoodTokenNothingIsIssued) {
  const std::string expired = Token(-absl::Hours(1));
  const std::string good = Token(absl::Hours(1));
  for (const std::optional<std::string>& authorization :
       std::initializer_list<std::optional<std::string>>{std::nullopt, "", "Bearer ",
                                                         "Bearer x.y.z", good, "Basic " + good,
                                                         "Bearer " + expired}) {
    EXPECT_EQ(by_token_.CreateCertificate(authorization, Ask()).status().code(),
              absl::StatusCode::kUnauthenticated)
        << authorization.value_or("none");
  }
}

TEST_F(CertificateEndpointTest, OnAPrivateSocketMetadataDecides) {
  EXPECT_EQ(IssuedTo(open_, std::nullopt, Ask({{"NAMESPACE", "a"}, {"SERVICE_ACCOUNT", "b"}})),
            "spiffe://cluster.local/ns/a/sa/b");
  EXPECT_EQ(IssuedTo(open_, std::nullopt, Ask()), "spiffe://cluster.local/ns/default/sa/default");
}

TEST_F(CertificateEndpointTest, GarbageIsRefused) {
  EXPECT_EQ(open_.CreateCertificate(std::nullopt, "\x0a\xff").status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(open_.CreateCertificate(std::nullopt, Ask({{"NAMESPACE", "a/b"}})).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(FakeCertificateServiceTest, IssuesForTheKeyThatWasAskedWith) {
  fake::FakeClock clock;
  fake::FakeCertificateService service(clock);
  const auto key = tls::PrivateKey::Generate().value();
  std::vector<std::string> answer;
  const auto call = service.CreateCertificate(
      tls::MakeSigningRequest(*key, kCart.SpiffeId()).value(), absl::Hours(1),
      [&](const absl::StatusOr<std::vector<std::string>>& chain) { answer = chain.value(); });
  service.Issue({.name = kCart});
  EXPECT_TRUE(CheckIssued(answer, *key, kCart, clock.WallNow()).ok());
  EXPECT_FALSE(service.waiting());
}

}  // namespace
}  // namespace meshlib::identity
