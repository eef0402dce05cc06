// SPDX-License-Identifier: Apache-2.0
#include "mesh/labels.h"

#include <gtest/gtest.h>

#include <string>

namespace meshlib::mesh {
namespace {

using Labels = std::map<std::string, std::string>;

TEST(LabelsTest, ReadsAListOfLabels) {
  EXPECT_EQ(ParseLabelList("app=reviews,version=v1").value(),
            (Labels{{"app", "reviews"}, {"version", "v1"}}));
  EXPECT_EQ(ParseLabelList("").value(), Labels());
  EXPECT_EQ(ParseLabelList("empty=").value(), (Labels{{"empty", ""}}));
}

TEST(LabelsTest, NamesThePartThatIsNoLabel) {
  const auto labels = ParseLabelList("app=reviews,version");
  EXPECT_EQ(labels.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(labels.status().message()).find("\"version\""), std::string::npos);
}

TEST(LabelsTest, ReadsTheDownwardApisFile) {
  EXPECT_EQ(ParseDownwardLabels("app=\"reviews\"\nquote=\"a\\\"b\\\\c\"\n").value(),
            (Labels{{"app", "reviews"}, {"quote", "a\"b\\c"}}));
  EXPECT_FALSE(ParseDownwardLabels("app=reviews").ok());
}

}  // namespace
}  // namespace meshlib::mesh
