// SPDX-License-Identifier: Apache-2.0
// What the decoders say of resources that are written as text.

#ifndef MESHLIB_TESTS_XDS_DECODE_FIXTURE_H_
#define MESHLIB_TESTS_XDS_DECODE_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "google/protobuf/text_format.h"
#include "resource/report.h"

namespace meshlib::xds {

template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// One line: a resource and the problem that it has; empty: none.
struct ErrorRow {
  const char* name;
  std::string text;
  std::string problem;
};

// A resource and a field of it that is reported: "field: message".
struct ReportRow {
  const char* name;
  const char* text;
  const char* line;
};

template <typename Row>
std::string NameOf(const ::testing::TestParamInfo<Row>& row) {
  return row.param.name;
}

template <typename T>
std::string ProblemsOf(const absl::StatusOr<std::shared_ptr<const T>>& decoded) {
  return decoded.ok() ? "" : std::string(decoded.status().message());
}

inline void ExpectProblemOf(const ErrorRow& row, const std::string& problems) {
  if (row.problem.empty()) {
    EXPECT_EQ(problems, "");
  } else {
    EXPECT_NE(problems.find(row.problem), std::string::npos) << problems;
  }
}

inline std::string LinesOf(const resource::Report& report) {
  static constexpr const char* kWords[] = {"applied", "approximated", "ignored", "rejected"};
  std::string lines;
  for (const resource::ReportEntry& entry : report) {
    lines += kWords[static_cast<size_t>(entry.disposition)];
    lines += " " + entry.field + ": " + entry.message + "\n";
  }
  return lines;
}

}  // namespace meshlib::xds

#endif  // MESHLIB_TESTS_XDS_DECODE_FIXTURE_H_
