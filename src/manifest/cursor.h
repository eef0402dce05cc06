// SPDX-License-Identifier: Apache-2.0
// Cursor: one value of a document while it is decoded, and where problems with it are reported.

#ifndef MESHLIB_MANIFEST_CURSOR_H_
#define MESHLIB_MANIFEST_CURSOR_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/problem.h"
#include "manifest/yaml_text.h"

namespace meshlib::manifest {

// What the Cursors of one object share.
struct DecodeContext {
  std::string file;
  std::string object;  // "VirtualService default/reviews"
  Severity unknown_field = Severity::kWarning;
  std::vector<Problem>* problems = nullptr;
  size_t errors = 0;   // of this object
  size_t reports = 0;  // errors, warnings and notes
};

// A Cursor knows its parents, so that a path costs nothing unless something is wrong. It lives on
// the stack, above those made from it. Thread-compatible.
class Cursor final {
 public:
  Cursor(DecodeContext& context, const YamlValue& value) : context_(&context), value_(&value) {}

  // A value of the mapping or sequence that this one is at.
  Cursor Field(std::string_view name, const YamlValue& value) const;
  Cursor Item(size_t index, const YamlValue& value) const;

  const YamlValue& value() const { return *value_; }
  bool is_null() const { return value_->kind == YamlValue::Kind::kNull; }
  Position position() const { return value_->position; }
  // "spec.http[0].match[1].headers[\"x-user\"]"
  std::string Path() const;

  // `text` is a sentence about the value: "\"5\" is not a duration, such as 0.5s".
  void Error(std::string text) const;
  void Warn(std::string text) const;
  void Note(std::string text) const;
  // A key of this mapping that nobody knows; `text` names it.
  void ReportUnknown(const YamlEntry& entry, std::string text) const;

  // Says "is a sequence, not a ..." unless the value is of that kind. Whether it is.
  bool Expect(YamlValue::Kind kind) const;

 private:
  Cursor(const Cursor* parent, std::string_view name, size_t index, const YamlValue& value)
      : context_(parent->context_), value_(&value), parent_(parent), name_(name), index_(index) {}
  void Report(Severity severity, Position position, std::string field, std::string text) const;

  DecodeContext* context_;
  const YamlValue* value_;
  const Cursor* parent_ = nullptr;
  std::string_view name_;  // empty: an item
  size_t index_ = 0;
};

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_CURSOR_H_
