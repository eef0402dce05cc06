// SPDX-License-Identifier: Apache-2.0
#include "translate/text_format.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/text_format.h"

namespace meshlib::translate {
namespace {

// Our messages stand for Envoy's, of which the package lacks our prefix.
class OurTypes final : public google::protobuf::TextFormat::Finder {
 public:
  const google::protobuf::Descriptor* FindAnyType(const google::protobuf::Message& /*message*/,
                                                  const std::string& /*prefix*/,
                                                  const std::string& name) const override {
    const auto* ours = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
        "meshlib." + name);
    // Of the others, we only ever use the presence.
    return ours != nullptr ? ours : google::protobuf::Empty::descriptor();
  }
};

}  // namespace

std::string ToText(const google::protobuf::Message& message) {
  const OurTypes finder;
  google::protobuf::TextFormat::Printer printer;
  printer.SetExpandAny(true);
  printer.SetFinder(&finder);
  std::string text;
  printer.PrintToString(message, &text);
  return text;
}

std::string FirstDifference(const std::string& expected, const std::string& actual) {
  constexpr size_t kContext = 4;
  const std::vector<std::string> want = absl::StrSplit(expected, '\n');
  const std::vector<std::string> got = absl::StrSplit(actual, '\n');
  size_t line = 0;
  while (line < want.size() && line < got.size() && want[line] == got[line]) ++line;
  if (line == want.size() && line == got.size()) return "";
  std::string text;
  for (size_t i = line > kContext ? line - kContext : 0; i < line; ++i) {
    absl::StrAppend(&text, "  ", i + 1, ":   ", want[i], "\n");
  }
  for (size_t i = line; i < line + kContext && i < want.size(); ++i) {
    absl::StrAppend(&text, "- ", i + 1, ":   ", want[i], "\n");
  }
  for (size_t i = line; i < line + kContext && i < got.size(); ++i) {
    absl::StrAppend(&text, "+ ", i + 1, ":   ", got[i], "\n");
  }
  return text;
}

}  // namespace meshlib::translate
