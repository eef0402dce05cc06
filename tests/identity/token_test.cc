// SPDX-License-Identifier: Apache-2.0
#include "identity/token.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "absl/strings/escaping.h"
#include "manifest/temp_directory.h"

namespace meshlib::identity {
namespace {

namespace fs = std::filesystem;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
const TokenClaims kClaims{.name_space = "shop",
                          .service_account = "cart",
                          .issued_at = kNow,
                          .expires_at = kNow + absl::Hours(1)};

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(TokenTest, AnIssuedTokenSaysWhoItIsFor) {
  const TokenIssuer issuer("secret");
  const std::string token = issuer.Issue(kClaims).value();
  EXPECT_EQ(issuer.Check(token, kNow).value(), kClaims);
  EXPECT_EQ(TokenExpiry(token), kClaims.expires_at);
}

TEST(TokenTest, AnExpiredTokenIsRefused) {
  const TokenIssuer issuer("secret");
  const auto claims = issuer.Check(issuer.Issue(kClaims).value(), kNow + absl::Hours(2));
  EXPECT_EQ(claims.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Message(claims.status()), "identity: token: it expired 1h ago");
}

TEST(TokenTest, ATokenOfAnotherAuthorityIsRefused) {
  const std::string token = TokenIssuer("other").Issue(kClaims).value();
  const auto claims = TokenIssuer("secret").Check(token, kNow);
  EXPECT_EQ(claims.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Message(claims.status()).find(token), std::string::npos);
}

TEST(TokenTest, EveryAlteredByteIsNoticed) {
  const TokenIssuer issuer("secret");
  const std::string token = issuer.Issue(kClaims).value();
  for (size_t i = 0; i < token.size(); ++i) {
    std::string altered = token;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(issuer.Check(altered, kNow).ok()) << i;
    EXPECT_FALSE(issuer.Check(token.substr(0, i), kNow).ok()) << i;
  }
}

TEST(TokenTest, NobodyChoosesTheAlgorithm) {
  const TokenIssuer issuer("secret");
  std::string token = issuer.Issue(kClaims).value();
  const std::string none = absl::WebSafeBase64Escape(R"({"alg":"none","typ":"JWT"})");
  token.replace(0, token.find('.'), none);
  token.erase(token.rfind('.') + 1);
  EXPECT_FALSE(issuer.Check(token, kNow).ok());
}

TEST(TokenTest, NamesThatAreNotThoseOfAccountsGetNone) {
  TokenClaims claims = kClaims;
  claims.service_account = "cart\",\"sub\":\"root";
  EXPECT_FALSE(TokenIssuer("secret").Issue(claims).ok());
}

TEST(TokenTest, GarbageHasNoExpiry) {
  for (const std::string text : {"", "a", "a.b.c", "..", "a.e30.c", "a.eyJleHAiOiJ4In0.c"}) {
    EXPECT_FALSE(TokenExpiry(text).has_value()) << text;
  }
}

class TokenFileTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& text) {
    directory_.Write("token", text);
    fs::permissions(directory_.At("token"), fs::perms::owner_read | fs::perms::owner_write);
    return directory_.At("token");
  }

  manifest::TempDirectory directory_;
};

TEST_F(TokenFileTest, IsReadWithoutTheWhiteSpaceAroundIt) {
  const std::string token = TokenIssuer("x").Issue(kClaims).value();
  EXPECT_EQ(ReadTokenFile(Write(token + "\n"), kNow).value(), token);
  EXPECT_EQ(ReadTokenFile(Write("opaque"), kNow).value(), "opaque");
}

TEST_F(TokenFileTest, BadInputTokenFileMissing) {
  const auto token = ReadTokenFile(directory_.At("none"), kNow);
  EXPECT_EQ(Message(token.status()),
            "token " + directory_.At("none") + ": No such file or directory");
}

TEST_F(TokenFileTest, BadInputTokenFileEmpty) {
  const std::string path = Write("\n");
  EXPECT_EQ(Message(ReadTokenFile(path, kNow).status()), "token " + path + ": it is empty");
}

TEST_F(TokenFileTest, BadInputTokenFileExpired) {
  const std::string path = Write(TokenIssuer("x").Issue(kClaims).value());
  const auto token = ReadTokenFile(path, kNow + absl::Hours(3));
  EXPECT_EQ(token.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Message(token.status()), "token " + path + ": it expired 2h ago");
}

TEST_F(TokenFileTest, BadInputTokenFileWorldReadable) {
  const std::string path = Write("opaque");
  fs::permissions(path, fs::perms::others_read, fs::perm_options::add);
  const auto token = ReadTokenFile(path, kNow);
  EXPECT_EQ(token.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Message(token.status()).find("opaque"), std::string::npos);
}

TEST_F(TokenFileTest, BadInputTokenFileWithSeveralLinesNeverBecomesAHeader) {
  EXPECT_EQ(Message(ReadTokenFile(Write("a\r\nx-admin: 1"), kNow).status()),
            "token " + directory_.At("token") + ": it is no token");
}

}  // namespace
}  // namespace meshlib::identity
