// SPDX-License-Identifier: Apache-2.0
#include "tls/key_pair.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "fake/test_ca.h"
#include "tls/private_key.h"
#include "tls/trust_roots.h"

namespace meshlib::tls {
namespace {

using fake::Dns;
using fake::TestCa;
using fake::TestIdentity;

// Encrypted with "secret", made for this test alone; nothing else knows the key.
constexpr char kEncryptedHeader[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "Proc-Type: 4,ENCRYPTED\n"
    "DEK-Info: AES-128-CBC,00000000000000000000000000000000\n\n"
    "AAAA\n"
    "-----END EC PRIVATE KEY-----\n";

std::string Block(const std::string& label, const std::string& body) {
  return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
}

class KeyPairTest : public testing::Test {
 protected:
  // The error, or "".
  static std::string Read(const std::string& chain, const std::string& key) {
    const auto pair = KeyPair::FromPem(chain, key, "server.pem");
    return pair.ok() ? "" : std::string(pair.status().message());
  }

  const TestCa ca_ = TestCa::Root();
  const TestIdentity one_ = ca_.Leaf({.common_name = "one", .names = {Dns("one.example")}});
  const TestIdentity two_ = ca_.Leaf({.common_name = "two"});
};

TEST_F(KeyPairTest, ReadsChainsWithTheirKey) {
  const TestIdentity deep = ca_.Intermediate().Intermediate().Leaf({.common_name = "deep"});
  EXPECT_EQ(Read(one_.chain_pem, one_.key_pem), "");
  EXPECT_EQ(Read(deep.chain_pem, deep.key_pem), "");
  EXPECT_EQ(Read(one_.chain_pem + ca_.pem(), one_.key_pem), "");
  EXPECT_EQ(Read("text before\r\n" + one_.chain_pem + "and behind", "x\n" + one_.key_pem), "");
  EXPECT_EQ(Read(one_.key_pem + one_.chain_pem, one_.chain_pem + one_.key_pem), "");
  const auto pair = KeyPair::FromPem(one_.chain_pem, one_.key_pem, "x");
  EXPECT_EQ((*pair)->description(), "CN=one, DNS one.example, issued by CN=root");
  EXPECT_LT((*pair)->not_before(), absl::Now());
  EXPECT_GT((*pair)->not_after(), absl::Now());
}

TEST_F(KeyPairTest, ReadsKeysOfRsa) {
  const TestIdentity rsa = ca_.Leaf({.key = fake::TestKey::kRsa2048});
  const TestIdentity weak = ca_.Leaf({.key = fake::TestKey::kRsa1024});
  EXPECT_EQ(Read(rsa.chain_pem, rsa.key_pem), "");
  EXPECT_EQ(
      Read(weak.chain_pem, weak.key_pem),
      "server.pem: the first certificate cannot be used: it has an RSA key of 1024 bits, less "
      "than 2048");
}

TEST_F(KeyPairTest, NeedsAKeyThatMaySign) {
  const TestIdentity leaf = ca_.Leaf({.usages = std::vector{fake::TestUsage::kKeyEncipherment}});
  EXPECT_EQ(Read(leaf.chain_pem, leaf.key_pem),
            "server.pem: the first certificate cannot be used: key usage lacks digitalSignature");
}

TEST_F(KeyPairTest, NamesPlaceAndCauseOfBadInput) {
  const std::string truncated = one_.chain_pem.substr(0, one_.chain_pem.size() / 2);
  struct Row {
    std::string chain;
    std::string key;
    std::string error;
  };
  const Row rows[] = {
      {"", one_.key_pem, "server.pem: there is no certificate in PEM"},
      {one_.chain_pem, "", "server.pem: there is no private key in PEM"},
      {"garbage", one_.key_pem, "server.pem: there is no certificate in PEM"},
      {one_.chain_pem, std::string("\0\xff", 2), "server.pem: there is no private key in PEM"},
      {one_.key_pem, one_.key_pem, "server.pem: there is no certificate in PEM"},
      {one_.chain_pem, one_.chain_pem, "server.pem: there is no private key in PEM"},
      {truncated, one_.key_pem,
       "server.pem: PEM block 1: \"-----END CERTIFICATE-----\" is missing"},
      {Block("CERTIFICATE", "!!!"), one_.key_pem,
       "server.pem: PEM block 1: its content is not base64"},
      {Block("CERTIFICATE", ""), one_.key_pem,
       "server.pem: PEM block 1: its content is not base64"},
      {"-----BEGIN CERTIFICATE", one_.key_pem,
       "server.pem: PEM block 1: its first line has no end"},
      {one_.chain_pem, one_.key_pem + two_.key_pem,
       "server.pem: there is more than one private key"},
      {one_.chain_pem, two_.key_pem,
       "server.pem: the private key is not the one of the first certificate (CN=one, DNS "
       "one.example, issued by CN=root)"},
      {ca_.pem() + one_.chain_pem, one_.key_pem,
       "server.pem: the private key is not the one of the first certificate (CN=root, issued by "
       "CN=root)"},
      {one_.chain_pem, Block("ENCRYPTED PRIVATE KEY", "AAAA"),
       "server.pem: the private key is encrypted; store it decrypted"},
      {one_.chain_pem, kEncryptedHeader,
       "server.pem: the private key is encrypted; store it decrypted"},
  };
  for (const Row& row : rows) EXPECT_EQ(Read(row.chain, row.key), row.error);
  EXPECT_TRUE(Read(Block("CERTIFICATE", "AAAA"), one_.key_pem)
                  .starts_with("server.pem: certificate 1 does not decode"));
  EXPECT_TRUE(Read(one_.chain_pem, Block("PRIVATE KEY", "AAAA"))
                  .starts_with("server.pem: the private key does not decode"));
}

TEST_F(KeyPairTest, ErrorsShowNothingOfTheKey) {
  const std::string body = one_.key_pem.substr(28, 40);
  for (const std::string& key : {one_.key_pem.substr(0, 100), one_.key_pem + one_.key_pem,
                                 Block("PRIVATE KEY", body), Block("PRIVATE KEY", body + "!")}) {
    const std::string error = Read(one_.chain_pem, key);
    EXPECT_NE(error, "");
    EXPECT_EQ(error.find(body.substr(0, 8)), std::string::npos) << error;
  }
}

TEST_F(KeyPairTest, ReadsFiles) {
  const std::filesystem::path folder = testing::TempDir();
  const std::string chain = folder / "meshlib_key_pair_test.crt";
  const std::string key = folder / "meshlib_key_pair_test.key";
  std::ofstream(chain) << one_.chain_pem;
  std::ofstream(key) << one_.key_pem;
  EXPECT_TRUE(KeyPair::FromFiles(chain, key).ok());
  EXPECT_EQ(KeyPair::FromFiles(chain, chain).status().message(),
            chain + " and " + chain + ": there is no private key in PEM");
  std::remove(key.c_str());
  EXPECT_EQ(KeyPair::FromFiles(chain, key).status(),
            absl::NotFoundError(key + ": No such file or directory"));
  EXPECT_EQ(KeyPair::FromFiles(folder.string(), chain).status(),
            absl::InvalidArgumentError(folder.string() + ": cannot be read"));
  EXPECT_EQ(KeyPair::FromFiles(chain + "/x", chain).status().message(),
            chain + "/x: Not a directory");
  std::remove(chain.c_str());
}

TEST_F(KeyPairTest, TakesAKeyThatNeverWasAText) {
  const auto key = PrivateKey::FromPem(one_.key_pem, "x");
  ASSERT_TRUE(key.ok());
  EXPECT_TRUE(KeyPair::FromKey(one_.chain_pem, **key, "issued").ok());
  EXPECT_TRUE(KeyPair::FromPem(one_.chain_pem, (*key)->ToPem(), "written").ok());
  EXPECT_FALSE(KeyPair::FromKey(two_.chain_pem, **key, "issued").ok());
}

TEST(TrustRootsTest, ReadsSeveral) {
  const TestCa one = TestCa::Root();
  const TestCa two = TestCa::Root();
  const auto roots = TrustRoots::FromPem(one.pem() + "# the other\n" + two.pem(), "roots.pem");
  ASSERT_TRUE(roots.ok());
  EXPECT_EQ((*roots)->size(), 2u);
  EXPECT_TRUE(TrustRoots::FromPem(one.pem() + one.pem(), "twice.pem").ok());
}

TEST(TrustRootsTest, NamesPlaceAndCauseOfBadInput) {
  const std::string good = TestCa::Root().pem();
  const auto read = [](const std::string& pem) {
    return std::string(TrustRoots::FromPem(pem, "roots.pem").status().message());
  };
  EXPECT_EQ(read(""), "roots.pem: there is no certificate in PEM");
  EXPECT_EQ(read("garbage"), "roots.pem: there is no certificate in PEM");
  EXPECT_EQ(read(good + "-----BEGIN CERTIFICATE-----\n"),
            "roots.pem: PEM block 2: \"-----END CERTIFICATE-----\" is missing");
  EXPECT_EQ(read(good + Block("CERTIFICATE", "*")),
            "roots.pem: PEM block 2: its content is not base64");
  EXPECT_TRUE(read(good + Block("CERTIFICATE", "AAAA"))
                  .starts_with("roots.pem: certificate 2 does not decode"));
  EXPECT_EQ(TrustRoots::FromFile("/nonexistent/roots.pem").status(),
            absl::NotFoundError("/nonexistent/roots.pem: No such file or directory"));
}

}  // namespace
}  // namespace meshlib::tls
