// SPDX-License-Identifier: Apache-2.0
#include "route/path_normalization.h"

#include <gtest/gtest.h>

namespace meshlib::route {
namespace {

TEST(NormalizePathTest, ResolvesDotsAndEscapesAsEnvoyDoes) {
  const struct {
    const char* path;
    const char* normal;
  } rows[] = {
      {"/", "/"},
      {"/a/b", "/a/b"},
      {"/a/./b", "/a/b"},
      {"/a/../b", "/b"},
      {"/a/..", "/"},
      {"/..", "/"},
      {"/../../a", "/a"},
      {"/.", "/"},
      {"/a/.", "/a/"},
      {"/a/.b", "/a/.b"},
      {"/a/...", "/a/..."},
      {"/a../b", "/a../b"},
      {"/..a", "/..a"},
      {"/a/%2e%2E/b", "/b"},
      {"/a/.%2e/b", "/b"},
      {"/a%2e/b", "/a./b"},
      {"/%41%7e", "/A~"},
      {"/a%2fb", "/a%2fb"},
      {"/%zz%4%", "/%zz%4%"},
      {"/x/..;/admin", "/admin"},
      {"/x/..;a=b/admin", "/admin"},
      {"/a/.;x/b", "/a/b"},
      {"/a/..;", "/"},
      {"/a/..;b\\c/d", "/d"},
      {"/x/%2e%2e;/a", "/a"},
      {"/a;x=y/b;..", "/a;x=y/b;.."},
      {"/x/...;/a", "/x/...;/a"},
      {"/x/..%3b/a", "/x/..%3b/a"},
      {"/%%32e/", "/%252e/"},
      {"/%%32%65/", "/%252e/"},
      {"/%2%65%%32%65/a", "/%252e%252e/a"},
      {"/%%30%30", "/%2500"},
      {"/%%%32f", "/%%252f"},
      {"/a\\b", "/a/b"},
      {"/a\\..\\b", "/b"},
      {"/a b", "/a%20b"},
      {"/a|b^c{d}`<>\"", "/a%7Cb%5Ec%7Bd%7D%60%3C%3E%22"},
      {"/a!$&'()*+,;=:@[]", "/a!$&'()*+,;=:@[]"},
      {"//a", "//a"},
      {"/a/b//../c", "/a/b/c"},
      {"/a/../b?c/../d", "/b?c/../d"},
      {"/a?%41", "/a?%41"},
  };
  for (const auto& row : rows) {
    std::string path = row.path;
    EXPECT_TRUE(NormalizePath(path)) << row.path;
    EXPECT_EQ(path, row.normal) << row.path;
    EXPECT_TRUE(NormalizePath(path)) << row.path;
    EXPECT_EQ(path, row.normal) << "twice: " << row.path;
  }
}

TEST(NormalizePathTest, RefusesNulBytes) {
  std::string path("/a\0b", 4);
  EXPECT_FALSE(NormalizePath(path));
}

TEST(MergeSlashesTest, LeavesTheQueryAlone) {
  const struct {
    const char* path;
    const char* merged;
  } rows[] = {{"/a//b///c", "/a/b/c"}, {"//a//", "/a/"}, {"/a?b//c", "/a?b//c"},
              {"//a?b//c", "/a?b//c"}, {"///", "//"},    {"/", "/"}};
  for (const auto& row : rows) {
    std::string path = row.path;
    MergeSlashes(path);
    EXPECT_EQ(path, row.merged) << row.path;
  }
}

TEST(PathSettingsTest, TreatEscapedSlashesAsAskedTo) {
  const struct {
    resource::EscapedSlashes action;
    const char* path;
    const char* expected;  // null: refused
    bool redirect;
  } rows[] = {
      {resource::EscapedSlashes::kKeep, "/a%2Fb%5cc", "/a%2Fb%5cc", false},
      {resource::EscapedSlashes::kReject, "/a%2Fb", nullptr, false},
      {resource::EscapedSlashes::kReject, "/a?b=%2F", "/a?b=%2F", false},
      {resource::EscapedSlashes::kUnescapeAndForward, "/a%2Fb%5Cc?%2f", "/a/b/c?%2f", false},
      {resource::EscapedSlashes::kUnescapeAndForward, "/x%2f..%2fadmin", "/admin", false},
      {resource::EscapedSlashes::kUnescapeAndForward, "/%252fa", "/%252fa", false},
      {resource::EscapedSlashes::kUnescapeAndForward, "/a%2f%2f/b", "/a/b", false},
      {resource::EscapedSlashes::kUnescapeAndRedirect, "/a%2Fb", "/a/b", true},
      {resource::EscapedSlashes::kUnescapeAndRedirect, "/a//b", "/a/b", false},
  };
  for (const auto& row : rows) {
    resource::HttpSettings settings;
    settings.normalize_path = settings.merge_slashes = true;
    settings.escaped_slashes = row.action;
    std::string path = row.path;
    bool redirect = false;
    const bool ready = ApplyPathSettings(settings, path, &redirect);
    EXPECT_EQ(ready, row.expected != nullptr && !row.redirect) << row.path;
    EXPECT_EQ(redirect, row.redirect) << row.path;
    if (row.expected != nullptr) EXPECT_EQ(path, row.expected) << row.path;
  }
}

TEST(AuthoritySettingsTest, StripsDotsThenPorts) {
  resource::HttpSettings both;
  both.strip_any_host_port = true;
  both.strip_trailing_host_dot = true;
  resource::HttpSettings matching;
  matching.strip_matching_host_port = true;
  const struct {
    const resource::HttpSettings& settings;
    const char* authority;
    const char* expected;
  } rows[] = {
      {both, "shop:80", "shop"},    {both, "shop.:80", "shop"},    {both, "shop.", "shop"},
      {both, "shop:80.", "shop"},   {both, "[::1]:80", "[::1]"},   {both, "[::1]", "[::1]"},
      {both, "shop:x", "shop:x"},   {matching, "shop:80", "shop"}, {matching, "shop:81", "shop:81"},
      {matching, "shop.", "shop."},
  };
  for (const auto& row : rows) {
    std::string authority = row.authority;
    ApplyAuthoritySettings(row.settings, 80, authority);
    EXPECT_EQ(authority, row.expected) << row.authority;
  }
}

}  // namespace
}  // namespace meshlib::route
