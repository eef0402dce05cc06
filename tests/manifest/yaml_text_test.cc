// SPDX-License-Identifier: Apache-2.0
#include "manifest/yaml_text.h"

#include <gtest/gtest.h>

#include <string>

namespace meshlib::manifest {
namespace {

// The first error, as "line:column: text".
std::string ErrorOf(const std::string& text) {
  const YamlText yaml = DecodeYaml(text);
  if (yaml.errors.empty()) return {};
  const YamlError& error = yaml.errors.front();
  return std::to_string(error.position.line) + ":" + std::to_string(error.position.column) + ": " +
         error.text;
}

std::string Repeated(const std::string& part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

TEST(YamlTextTest, KeepsValuesWithTheirPlaces) {
  const YamlText yaml = DecodeYaml("a: 1\nb:\n  - x\n  - \"2\"\n");
  ASSERT_TRUE(yaml.errors.empty());
  ASSERT_EQ(yaml.documents.size(), 1u);
  const YamlValue& root = *yaml.documents.front();
  EXPECT_EQ(root.Find("a")->scalar, "1");
  EXPECT_FALSE(root.Find("a")->quoted);
  const YamlValue& second = *root.Find("b")->items.at(1);
  EXPECT_TRUE(second.quoted);
  EXPECT_EQ(second.position, (Position{4, 5}));
}

TEST(YamlTextTest, ReadsSeveralDocumentsAndSkipsEmptyOnes) {
  const YamlText yaml = DecodeYaml("---\n---\na: 1\n---\n# nothing\n---\nb: 2\n...\n");
  EXPECT_TRUE(yaml.errors.empty());
  EXPECT_EQ(yaml.documents.size(), 2u);
}

TEST(YamlTextTest, ReadsJson) {
  const YamlText yaml = DecodeYaml("{\"a\":{\"b\":[1,\"x\\n\\u00e9\",null,true]},\n\t\"c\":\"\"}");
  ASSERT_TRUE(yaml.errors.empty()) << yaml.errors.front().text;
  const YamlValue& list = *yaml.documents.at(0)->Find("a")->Find("b");
  EXPECT_EQ(list.items.at(1)->scalar, "x\n\xC3\xA9");
  EXPECT_EQ(list.items.at(2)->kind, YamlValue::Kind::kNull);
  EXPECT_EQ(yaml.documents.at(0)->Find("c")->kind, YamlValue::Kind::kScalar);
}

TEST(YamlTextTest, AliasesShareWhatTheyName) {
  const YamlText yaml = DecodeYaml("a: &x {k: 1}\nb: *x\n");
  const YamlValue& root = *yaml.documents.at(0);
  EXPECT_EQ(root.Find("a"), root.Find("b"));
}

TEST(YamlTextTest, MergeKeysAddWhatIsNotThere) {
  const YamlText yaml = DecodeYaml("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\n");
  ASSERT_TRUE(yaml.errors.empty());
  const YamlValue& use = *yaml.documents.at(0)->Find("use");
  EXPECT_EQ(use.Find("x")->scalar, "1");
  EXPECT_EQ(use.Find("y")->scalar, "3");
  EXPECT_EQ(use.Find("<<"), nullptr);
}

TEST(YamlTextTest, ABadDocumentLeavesTheOthers) {
  const YamlText duplicates = DecodeYaml("a: 1\na: 2\n---\nb: 1\n");
  EXPECT_EQ(duplicates.documents.size(), 1u);
  EXPECT_EQ(duplicates.errors.size(), 1u);
  const YamlText syntax = DecodeYaml("a: 1\n---\nb: [\n");
  EXPECT_EQ(syntax.documents.size(), 1u);
  EXPECT_EQ(syntax.errors.size(), 1u);
}

struct BadText {
  const char* name;
  std::string text;
  std::string error;
};

class BadYamlTest : public ::testing::TestWithParam<BadText> {};

TEST_P(BadYamlTest, IsAnErrorWithItsPlace) {
  EXPECT_EQ(ErrorOf(GetParam().text).substr(0, GetParam().error.size()), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadYamlTest,
    ::testing::ValuesIn<BadText>({
        {"NulByte", std::string("a: b\nc: \0", 9), "2:4: the text has a control character, 0x00"},
        {"Escape", "a: \x1b[31m", "1:4: the text has a control character, 0x1B"},
        {"Latin1", "a: \xE9t\xE9", "1:4: the text is not UTF-8: byte 0xE9"},
        {"Overlong", "a: \xC0\xAF", "1:4: the text is not UTF-8: byte 0xC0"},
        {"Surrogate", "\xED\xA0\x80", "1:1: the text is not UTF-8: byte 0xED"},
        {"CutOff", "a: \xE2\x82", "1:4: the text is not UTF-8"},
        {"Utf16",
         std::string("\xFF\xFE"
                     "a\0",
                     4),
         "1:1: the text is not UTF-8: byte 0xFF"},
        {"DuplicateKey", "x:\n  a: 1\n  b: 2\n  a: 3\n",
         "4:3: key \"a\" is here twice, first in line 2"},
        {"KeyThatIsAList", "? [a, b]\n: 1\n", "1:3: a key must be text"},
        {"UnknownAlias", "a: *b\n", "1:"},
        {"AliasToItself", "a: &x [1, *x]\n",
         "1:11: the alias refers to a value that it is part of"},
        {"AliasCycleOfMaps", "a: &x\n  b: &y\n    c: *x\n", "3:8: the alias refers to a value"},
        {"DeepFlow", Repeated("[", 100'000), "1:51: nests deeper than 100 levels"},
        {"DeepMaps", Repeated("{a: ", 5000), "1:397: nests deeper than 100 levels"},
        {"DeepBlock", Repeated("- ", 5000), "1:201: nests deeper than 100 levels"},
        {"Unclosed", "a: [1, 2\nb: 3\n", "2:"},
        {"StrayBracket", "a: 1\n]\n", "2:1: "},
        {"BracketOnly", "]", "1:1: "},
        {"Tabs", "a:\n\tb: 1\n", "2:"},
        {"MergeOfText", "a:\n  <<: text\n", "2:3: \"<<\" merges mappings only"},
    }),
    [](const auto& row) { return row.param.name; });

TEST(YamlTextTest, RefusesAliasesThatExpandToAMillionValues) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" +
            Repeated(before + ", ", 9) + before + "]\n";
  }
  EXPECT_NE(ErrorOf(text).find("aliases expand to more than 1000000 values"), std::string::npos);
}

TEST(YamlTextTest, RefusesAliasesThatNestDeeply) {
  std::string text = "a0: &a0 [x]\n";
  for (int i = 1; i < 200; ++i) {
    const std::string n = std::to_string(i);
    text += "a" + n + ": &a" + n + " [*a" + std::to_string(i - 1) + "]\n";
  }
  EXPECT_NE(ErrorOf(text).find("aliases nest deeper than 100 levels"), std::string::npos);
}

TEST(YamlTextTest, AHundredLevelsAreAllowed) {
  EXPECT_EQ(ErrorOf(Repeated("[", 100) + Repeated("]", 100)), "");
}

TEST(YamlTextTest, AByteOrderMarkIsPassedOver) {
  EXPECT_EQ(DecodeYaml("\xEF\xBB\xBF"
                       "a: 1\n")
                .documents.at(0)
                ->Find("a")
                ->scalar,
            "1");
}

}  // namespace
}  // namespace meshlib::manifest
