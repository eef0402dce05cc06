// SPDX-License-Identifier: Apache-2.0
// Manifests and what becomes of them, as files: testdata/cases/NAME/{input.yaml,expected.txt}.
// `translate_test --update` writes what is answered over what was expected.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "translate/text_format.h"
#include "translate/translation_case.h"

namespace meshlib::translate {
namespace {

bool g_update = false;

class TranslationCaseTest : public ::testing::TestWithParam<std::string> {};

TEST_P(TranslationCaseTest, GivesTheExpectedResources) {
  const std::string answer = Answer(ReadFile(CasePath(GetParam()) + "/input.yaml"));
  const std::string path = CasePath(GetParam()) + "/expected.txt";
  if (g_update) std::ofstream(path, std::ios::binary) << answer;
  const std::string difference = FirstDifference(ReadFile(path), answer);
  EXPECT_TRUE(difference.empty()) << path << ":\n" << difference;
}

TEST(TranslationCases, AreThere) { EXPECT_GE(CaseNames().size(), 60u); }

// Test names have no hyphens.
std::string TestName(const ::testing::TestParamInfo<std::string>& param) {
  std::string name = param.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Cases, TranslationCaseTest, ::testing::ValuesIn(CaseNames()), TestName);

}  // namespace
}  // namespace meshlib::translate

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--update") meshlib::translate::g_update = true;
  }
  return RUN_ALL_TESTS();
}
