// SPDX-License-Identifier: Apache-2.0
#include "wire/grammar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace meshlib::wire {
namespace {

TEST(GrammarTest, FindControlFindsEveryControlByteAtEveryPlace) {
  for (size_t size = 1; size < 40; ++size) {
    for (size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, '\xff');
        text[at] = static_cast<char>(byte);
        const bool control = (byte < 0x20 && byte != '\t') || byte == 0x7f;
        ASSERT_EQ(FindControl(text), control ? at : size) << byte << " at " << at;
      }
    }
  }
}

TEST(GrammarTest, TokensAreOfTokenCharacters) {
  for (const char* token : {"a", "GET", "x-b3-traceid", "!#$%&'*+-.^_`|~09"}) {
    EXPECT_TRUE(IsToken(token)) << token;
  }
  for (const char* other : {"", " ", "a b", "a:", "(a)", "a\"", "\x80", "a\t"}) {
    EXPECT_FALSE(IsToken(other)) << other;
  }
}

TEST(GrammarTest, TokensEndAtEveryOtherByteAtEveryPlace) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  for (size_t size = 1; size < 70; ++size) {
    for (size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        const bool upper = c >= 'A' && c <= 'Z';
        const bool token = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                           kMarks.find(c) != std::string_view::npos;
        std::string text(size, 'X');
        std::string expected(size, 'x');
        text[at] = c;
        expected[at] = upper ? static_cast<char>(c + ('a' - 'A')) : c;
        ASSERT_EQ(IsToken(text), token) << byte << " at " << at;
        std::array<char, 64> lower;
        const size_t end = std::min(token ? size : at, lower.size());
        ASSERT_EQ(TakeLowerToken(text, lower), end) << byte << " at " << at;
        ASSERT_EQ(std::string_view(lower.data(), end), std::string_view(expected).substr(0, end));
      }
    }
  }
}

TEST(GrammarTest, HostsHaveNoUserNorPathAndADecimalPort) {
  for (const char* host : {"", "a", "a:80", "reviews.default.svc.cluster.local:9080", "127.0.0.1:1",
                           "[::1]", "[::1]:80", "[fe80::1%25eth0]", "a%20b", "a_b", "a:"}) {
    EXPECT_TRUE(IsHost(host)) << host;
  }
  for (const char* other : {":80", "a:b", "u@a", "a/b", "a b", "a?b", "a#b", "[::1", "[]", "[a/b]",
                            "a:80:80", "a%2", "a\\b", "\xc3\xa4"}) {
    EXPECT_FALSE(IsHost(other)) << other;
  }
}

TEST(GrammarTest, TunnelTargetsHaveAHostAndAPort) {
  EXPECT_TRUE(IsHostPort("a:443"));
  EXPECT_TRUE(IsHostPort("[::1]:443"));
  for (const char* other : {"", "a", "a:", ":443", "[::1]", "a:b"}) {
    EXPECT_FALSE(IsHostPort(other)) << other;
  }
}

TEST(GrammarTest, PathsAreOfUriCharacters) {
  for (const char* path : {"/", "/a/b;c?d=e&f", "/%41%fF", "/?a=[1]|{2}^`", "/~a!$'()*+,"}) {
    EXPECT_TRUE(IsPathQuery(path)) << path;
  }
  for (const char* other :
       {"/a b", "/#f", "/%", "/%4", "/%4g", "/<", "/>", "/\"", "/\\", "/\x80"}) {
    EXPECT_FALSE(IsPathQuery(other)) << other;
  }
}

TEST(GrammarTest, ListsAreTakenApartAtCommas) {
  std::string_view list = "a,\t b ,,c";
  std::vector<std::string_view> elements;
  while (!list.empty()) elements.push_back(NextElement(&list));
  EXPECT_EQ(elements, (std::vector<std::string_view>{"a", "b", "", "c"}));
}

}  // namespace
}  // namespace meshlib::wire
