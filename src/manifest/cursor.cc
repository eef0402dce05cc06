// SPDX-License-Identifier: Apache-2.0
#include "manifest/cursor.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace meshlib::manifest {
namespace {

// Of one object: its author mends the first ones and looks again.
constexpr size_t kMaxReports = 50;

bool IsPlainName(std::string_view name) {
  for (char c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '-') return false;
  }
  return !name.empty();
}

std::string_view KindName(YamlValue::Kind kind) {
  switch (kind) {
    case YamlValue::Kind::kNull:
      return "nothing";
    case YamlValue::Kind::kScalar:
      return "a single value";
    case YamlValue::Kind::kSequence:
      return "a list";
    case YamlValue::Kind::kMap:
      return "a mapping";
  }
  return "";
}

}  // namespace

Cursor Cursor::Field(std::string_view name, const YamlValue& value) const {
  return {this, name, 0, value};
}

Cursor Cursor::Item(size_t index, const YamlValue& value) const { return {this, {}, index, value}; }

std::string Cursor::Path() const {
  if (parent_ == nullptr) return {};
  std::string path = parent_->Path();
  if (name_.empty()) return absl::StrCat(path, "[", index_, "]");
  if (!IsPlainName(name_))
    return absl::StrCat(path, "[\"", std::string(name_.substr(0, 80)), "\"]");
  return absl::StrCat(path, path.empty() ? "" : ".", std::string(name_));
}

void Cursor::Error(std::string text) const {
  Report(Severity::kError, position(), Path(), std::move(text));
}

void Cursor::Warn(std::string text) const {
  Report(Severity::kWarning, position(), Path(), std::move(text));
}

void Cursor::Note(std::string text) const {
  Report(Severity::kNote, position(), Path(), std::move(text));
}

void Cursor::ReportUnknown(const YamlEntry& entry, std::string text) const {
  const size_t errors = context_->errors;
  Report(context_->unknown_field, entry.position, Field(entry.key, *entry.value).Path(),
         std::move(text));
  context_->errors = errors;  // the object itself can be used
}

bool Cursor::Expect(YamlValue::Kind kind) const {
  if (value_->kind == kind) return true;
  Error(absl::StrCat("is ", std::string(KindName(value_->kind)), " where ",
                     std::string(KindName(kind)), " belongs"));
  return false;
}

void Cursor::Report(Severity severity, Position position, std::string field,
                    std::string text) const {
  if (severity == Severity::kError) ++context_->errors;
  if (++context_->reports > kMaxReports) return;
  if (context_->reports == kMaxReports) text += "; what follows in this object is not listed";
  context_->problems->push_back(
      {severity, {context_->file, position}, context_->object, std::move(field), std::move(text)});
}

}  // namespace meshlib::manifest
