// SPDX-License-Identifier: Apache-2.0
#include "mesh/log.h"

#include <gtest/gtest.h>

#include <string>

namespace meshlib::mesh {
namespace {

std::string Logged(const std::string& line) {
  std::string logged;
  const Log log([&](LogSeverity, std::string_view text) { logged = text; });
  log.Warning(line);
  return logged;
}

TEST(LogTest, BadInput34_ControlBytesOfQuotedTextsAreEscaped) {
  EXPECT_EQ(Logged("refused \x1b[2J\r\x7f"), "refused \\x1b[2J\\x0d\\x7f");
  EXPECT_EQ(Logged(std::string("a\0b", 3)), "a\\x00b");
}

TEST(LogTest, BadInput34_LongLinesAreCut) {
  const std::string logged = Logged(std::string(1 << 20, 'a'));
  EXPECT_LT(logged.size(), 5000u);
  EXPECT_TRUE(logged.ends_with("aaa..."));
}

TEST(LogTest, TextsOfPeopleStayAsTheyAre) {
  EXPECT_EQ(Logged("caf\xc3\xa9:\tone\ntwo"), "caf\xc3\xa9:\tone\ntwo");
}

}  // namespace
}  // namespace meshlib::mesh
