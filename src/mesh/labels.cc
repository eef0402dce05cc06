// SPDX-License-Identifier: Apache-2.0
#include "mesh/labels.h"

#include <utility>

namespace meshlib::mesh {
namespace {

using Label = std::pair<std::string, std::string>;

absl::Status NotALabel(std::string_view text, std::string_view form) {
  return absl::InvalidArgumentError("\"" + std::string(text) + "\" is not " + std::string(form));
}

absl::StatusOr<Label> Split(std::string_view text, std::string_view form) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return NotALabel(text, form);
  return Label(text.substr(0, equals), text.substr(equals + 1));
}

absl::StatusOr<std::string> Unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') {
    return NotALabel(text, "quoted");
  }
  text = text.substr(1, text.size() - 2);
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    plain.push_back(text[i]);
  }
  return plain;
}

// The pieces of `text` between separators, empty ones left out.
template <typename Use>
absl::Status ForEachPiece(std::string_view text, char separator, Use use) {
  while (!text.empty()) {
    const size_t end = text.find(separator);
    const std::string_view piece = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (piece.empty()) continue;
    if (absl::Status status = use(piece); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> ParseLabelList(std::string_view text) {
  std::map<std::string, std::string> labels;
  absl::Status status = ForEachPiece(text, ',', [&](std::string_view piece) {
    auto label = Split(piece, "NAME=VALUE");
    if (label.ok()) labels.insert_or_assign(label->first, label->second);
    return label.status();
  });
  if (!status.ok()) return status;
  return labels;
}

absl::StatusOr<std::map<std::string, std::string>> ParseDownwardLabels(std::string_view text) {
  std::map<std::string, std::string> labels;
  absl::Status status = ForEachPiece(text, '\n', [&](std::string_view line) {
    auto label = Split(line, "NAME=\"VALUE\"");
    if (!label.ok()) return label.status();
    auto value = Unquote(label->second);
    if (value.ok()) labels.insert_or_assign(label->first, *value);
    return value.status();
  });
  if (!status.ok()) return status;
  return labels;
}

}  // namespace meshlib::mesh
