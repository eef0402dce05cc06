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
