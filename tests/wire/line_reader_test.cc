// SPDX-License-Identifier: Apache-2.0
#include "wire/line_reader.h"

#include <gtest/gtest.h>

namespace meshlib::wire {
namespace {

using Result = LineReader::Result;

TEST(LineReaderTest, TakesOneLineAtATime) {
  LineReader reader;
  reader.SetBudget(100);
  std::string_view input = "ab\r\n\r\nc";
  ASSERT_EQ(reader.Read(&input), Result::kLine);
  EXPECT_EQ(reader.line(), "ab");
  ASSERT_EQ(reader.Read(&input), Result::kLine);
  EXPECT_EQ(reader.line(), "");
  EXPECT_TRUE(reader.empty());
  EXPECT_EQ(reader.Read(&input), Result::kNeedMore);
  EXPECT_FALSE(reader.empty());
  EXPECT_EQ(reader.begun(), "c");
  EXPECT_EQ(input, "");
}

TEST(LineReaderTest, JoinsALineThatCameInPieces) {
  LineReader reader;
  reader.SetBudget(100);
  for (std::string_view piece : {"a", "b", "\r"}) EXPECT_EQ(reader.Read(&piece), Result::kNeedMore);
  std::string_view rest = "\nx";
  ASSERT_EQ(reader.Read(&rest), Result::kLine);
  EXPECT_EQ(reader.line(), "ab");
  EXPECT_EQ(rest, "x");
}

TEST(LineReaderTest, RefusesBareLineEndsAndControlBytes) {
  const struct {
    std::string_view input;
    Result result;
  } rows[] = {{"a\nb", Result::kBadLineEnd},    {"a\rb", Result::kBadLineEnd},
              {"a\r\r\n", Result::kBadLineEnd}, {std::string_view("a\0", 2), Result::kControlByte},
              {"a\x7f", Result::kControlByte},  {"a\x0b", Result::kControlByte},
              {"a\tb\r\n", Result::kLine},      {"a\x80\r\n", Result::kLine}};
  for (const auto& row : rows) {
    LineReader reader;
    reader.SetBudget(100);
    std::string_view input = row.input;
    EXPECT_EQ(reader.Read(&input), row.result) << row.input;
  }
}

// The budget covers the line end, and is counted over all lines and pieces.
TEST(LineReaderTest, TakesNoMoreThanItsBudgetHoweverTheInputIsSplit) {
  const std::string_view text = "ab\r\ncd\r\n";
  for (size_t budget = 0; budget <= text.size(); ++budget) {
    for (size_t split = 0; split < text.size(); ++split) {
      LineReader reader;
      reader.SetBudget(budget);
      int lines = 0;
      bool too_long = false;
      for (std::string_view piece : {text.substr(0, split), text.substr(split)}) {
        while (!piece.empty() && !too_long) {
          const Result result = reader.Read(&piece);
          lines += result == Result::kLine ? 1 : 0;
          too_long = result == Result::kTooLong;
        }
      }
      EXPECT_EQ(lines, static_cast<int>(budget / 4)) << budget << " " << split;
      EXPECT_EQ(too_long, budget < text.size()) << budget << " " << split;
    }
  }
}

}  // namespace
}  // namespace meshlib::wire
