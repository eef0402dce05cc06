// SPDX-License-Identifier: Apache-2.0
#include "identity/secret_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "manifest/temp_directory.h"

namespace meshlib::identity {
namespace {

namespace fs = std::filesystem;

class SecretFileTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text, fs::perms mode) {
    directory_.Write(name, text);
    fs::permissions(directory_.At(name), mode);
    return directory_.At(name);
  }

  const fs::perms kOwner = fs::perms::owner_read | fs::perms::owner_write;
  const fs::perms kAll = kOwner | fs::perms::group_read | fs::perms::others_read;
  manifest::TempDirectory directory_;
};

TEST_F(SecretFileTest, ReadsWhatItsOwnerAloneCanRead) {
  EXPECT_EQ(ReadSecretFile(Write("token", "secret\n", kOwner)).value(), "secret\n");
}

TEST_F(SecretFileTest, AFileOfTheGroupIsRead) {
  EXPECT_TRUE(ReadSecretFile(Write("token", "x", kOwner | fs::perms::group_read)).ok());
}

TEST_F(SecretFileTest, BadInputWorldReadableIsRefusedAndNotQuoted) {
  const std::string path = Write("token", "secret", kAll);
  const auto read = ReadSecretFile(path);
  EXPECT_EQ(read.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(read.status().message(),
            path + ": all users of this machine can read or write it; chmod 600 it");
  EXPECT_TRUE(ReadPublicFile(path).ok());
}

TEST_F(SecretFileTest, AFileOfAKubernetesVolumeMayHaveAnyMode) {
  Write("..2026_01/token", "secret", kAll);
  fs::create_symlink("..2026_01", directory_.At("..data"));
  fs::create_symlink("..data/token", directory_.At("token"));
  EXPECT_EQ(ReadSecretFile(directory_.At("token")).value(), "secret");
  EXPECT_EQ(ReadSecretFile(fs::canonical(directory_.At("..data")) / "token").value(), "secret");
}

TEST_F(SecretFileTest, BadInputMissingEmptyHugeOrNoFileIsNamedWithItsCause) {
  const std::string missing = directory_.At("missing");
  EXPECT_EQ(ReadSecretFile(missing).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadSecretFile(missing).status().message(), missing + ": No such file or directory");
  const std::string empty = Write("empty", " \n", kOwner);
  EXPECT_EQ(ReadSecretFile(empty).status().message(), empty + ": it is empty");
  const std::string huge = Write("huge", std::string(70'000, 'x'), kOwner);
  EXPECT_EQ(ReadSecretFile(huge).status().message(), huge + ": larger than 64 KiB");
  EXPECT_EQ(ReadSecretFile(directory_.path()).status().message(),
            directory_.path() + ": not a file");
}

TEST_F(SecretFileTest, AWrittenFileIsItsOwnersOnlyAndReplacesTheOldOneAsAWhole) {
  const std::string path = Write("key", "old", kAll);
  ASSERT_TRUE(WriteSecretFile(path, "new").ok());
  EXPECT_EQ(fs::status(path).permissions(), kOwner);
  EXPECT_EQ(ReadSecretFile(path).value(), "new");
  int files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(directory_.path())) ++files;
  EXPECT_EQ(files, 1);
  EXPECT_FALSE(WriteSecretFile(directory_.At("no/such/key"), "x").ok());
}

}  // namespace
}  // namespace meshlib::identity
