// SPDX-License-Identifier: Apache-2.0
#include "server/own_certificates.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "fake/fake_clock.h"
#include "fake/test_ca.h"

namespace meshlib::server {
namespace {

class OwnCertificatesTest : public ::testing::Test {
 protected:
  OwnCertificatesTest() { std::filesystem::create_directory(directory_); }
  ~OwnCertificatesTest() override { std::filesystem::remove_all(directory_); }

  fake::TestIdentity Identity(const char* name = "one") const {
    return ca_.Leaf({.common_name = name, .names = {fake::Dns(name)}});
  }
  PemFile Write(const std::string& name, const std::string& text) const {
    const std::string path = directory_ / name;
    // As editors and Kubernetes do it: another file takes the place.
    std::ofstream(path + ".new") << text;
    std::filesystem::rename(path + ".new", path);
    return {path};
  }
  ServerTls Files(const fake::TestIdentity& identity) const {
    return {.certificate_chain = Write("chain.pem", identity.chain_pem),
            .private_key = Write("key.pem", identity.key_pem)};
  }
  absl::StatusOr<ServerContextSource> Make(const ServerTls& tls) {
    return OwnCertificates(tls, clock_, [this](std::string_view line) { log_ += line; });
  }
  std::string ErrorOf(const ServerTls& tls) {
    const auto source = Make(tls);
    EXPECT_FALSE(source.ok());
    return std::string(source.status().message());
  }
  static std::string NameOf(const ServerContextSource& source) {
    return (*source())->settings().identity->names().at(0).value;
  }

  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() /
      ("meshlib_own_certificates_" + std::to_string(::getpid()));
  const fake::TestCa ca_ = fake::TestCa::Root();
  fake::FakeClock clock_;
  std::string log_;
};

TEST_F(OwnCertificatesTest, TextsAndFilesDo) {
  const fake::TestIdentity identity = Identity();
  EXPECT_TRUE(Make(Files(identity)).ok());
  const auto source = Make({.certificate_chain = PemText{identity.chain_pem},
                            .private_key = PemText{identity.key_pem},
                            .client_roots = PemText{ca_.pem()},
                            .require_client_certificate = true});
  ASSERT_TRUE(source.ok()) << source.status();
  const auto context = (*source)();
  EXPECT_TRUE((*context)->settings().require_client_certificate);
  EXPECT_NE((*context)->settings().client_roots, nullptr);
}

TEST_F(OwnCertificatesTest, AMissingFileIsNamed) {
  ServerTls tls = Files(Identity());
  tls.private_key = PemFile{directory_ / "absent.pem"};
  EXPECT_NE(ErrorOf(tls).find("absent.pem"), std::string::npos);
}

TEST_F(OwnCertificatesTest, AKeyOfAnotherCertificateIsNamedWithItsFiles) {
  ServerTls tls = Files(Identity());
  tls.private_key = Write("other.pem", Identity("two").key_pem);
  const std::string error = ErrorOf(tls);
  EXPECT_NE(error.find("chain.pem and "), std::string::npos) << error;
  EXPECT_NE(error.find("other.pem"), std::string::npos) << error;
}

TEST_F(OwnCertificatesTest, GarbageIsNamed) {
  ServerTls tls = Files(Identity());
  tls.certificate_chain = Write("garbage.pem", "no certificate");
  EXPECT_NE(ErrorOf(tls).find("garbage.pem"), std::string::npos);
  tls = Files(Identity());
  tls.client_roots = PemText{""};
  EXPECT_NE(ErrorOf(tls).find("client_roots"), std::string::npos);
}

TEST_F(OwnCertificatesTest, RequiredClientsNeedRoots) {
  ServerTls tls = Files(Identity());
  tls.require_client_certificate = true;
  EXPECT_NE(ErrorOf(tls).find("needs client_roots"), std::string::npos);
}

TEST_F(OwnCertificatesTest, ANewPairIsUsedWithinASecond) {
  const auto source = Make(Files(Identity("one")));
  ASSERT_TRUE(source.ok()) << source.status();
  const auto first = (*source)();
  Files(Identity("two"));
  EXPECT_EQ(NameOf(*source), "one");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(NameOf(*source), "two");
  // Resumption needs the same context for as long as nothing changes.
  const auto second = (*source)();
  clock_.Advance(absl::Seconds(10));
  EXPECT_EQ(*second, *(*source)());
  EXPECT_NE(*first, *second);
}

TEST_F(OwnCertificatesTest, HalfAPairIsSaidAndNotUsed) {
  const auto source = Make(Files(Identity("one")));
  ASSERT_TRUE(source.ok()) << source.status();
  const fake::TestIdentity next = Identity("two");
  Write("chain.pem", next.chain_pem);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(NameOf(*source), "one");
  EXPECT_NE(log_.find("the last certificate stays"), std::string::npos) << log_;
  log_.clear();
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(NameOf(*source), "one");
  EXPECT_EQ(log_, "");
  Write("key.pem", next.key_pem);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(NameOf(*source), "two");
}

}  // namespace
}  // namespace meshlib::server
