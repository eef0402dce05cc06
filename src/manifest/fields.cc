// SPDX-License-Identifier: Apache-2.0
#include "manifest/fields.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/string_view.h"
#include "manifest/near_name.h"

namespace meshlib::manifest {
namespace {

using base::AbslView;

// Of one mapping; who has more does not need to hear of all.
constexpr int kMaxUnknown = 20;

// A value as a message shows it.
std::string Shown(const std::string& text) {
  return absl::StrCat("\"", text.substr(0, 80), text.size() > 80 ? "..." : "", "\"");
}

// What YAML 1.1, and so Kubernetes, takes for a truth value; not its "y" and "n", which are names
// more often.
std::optional<bool> TruthOf(const std::string& text) {
  for (const char* yes : {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

bool LooksLikeNumber(const std::string& text) {
  if (text.find_first_of("0123456789") == text.npos) {
    return text == ".inf" || text == "-.inf" || text == "+.inf" || text == ".nan" || text == ".NaN";
  }
  const std::string digits = absl::StrReplaceAll(text, {{"_", ""}});
  int64_t whole = 0;
  double number = 0;
  return absl::SimpleAtoi(digits, &whole) || absl::SimpleAtod(digits, &number) ||
         ((absl::StartsWith(digits, "0x") || absl::StartsWith(digits, "0o")) &&
          digits.find_first_not_of("0123456789abcdefABCDEF", 2) == digits.npos);
}

// The text of an unquoted single value, or null after an error.
const std::string* PlainText(const Cursor& at, const char* wanted) {
  if (!at.Expect(YamlValue::Kind::kScalar)) return nullptr;
  if (!at.value().quoted) return &at.value().scalar;
  at.Error(absl::StrCat(Shown(at.value().scalar), " is text because of its quotes; ", wanted,
                        " belongs here"));
  return nullptr;
}

template <typename T>
void DecodeWhole(const Cursor& at, T* out) {
  const std::string* text = PlainText(at, "a whole number");
  if (text == nullptr || (absl::SimpleAtoi(*text, out) && text->front() != '-')) return;
  *out = 0;
  at.Error(absl::StrCat(Shown(*text), " is not a whole number from 0 to ",
                        std::numeric_limits<T>::max()));
}

}  // namespace

void Decode(const Cursor& at, std::string* out) {
  if (at.is_null() || !at.Expect(YamlValue::Kind::kScalar)) return;
  const YamlValue& value = at.value();
  if (!value.quoted && (LooksLikeNumber(value.scalar) || TruthOf(value.scalar).has_value())) {
    at.Error(absl::StrCat(value.scalar.substr(0, 80), " is a ",
                          LooksLikeNumber(value.scalar) ? "number" : "truth value",
                          " where text belongs: put it in quotes"));
  }
  *out = value.scalar;
}

void Decode(const Cursor& at, bool* out) {
  const std::string* text = PlainText(at, "true or false");
  if (text == nullptr) return;
  if (const std::optional<bool> truth = TruthOf(*text)) {
    *out = *truth;
  } else {
    at.Error(absl::StrCat(Shown(*text), " is neither true nor false"));
  }
}

void Decode(const Cursor& at, uint32_t* out) { DecodeWhole(at, out); }
void Decode(const Cursor& at, uint64_t* out) { DecodeWhole(at, out); }

void Decode(const Cursor& at, double* out) {
  const std::string* text = PlainText(at, "a number");
  if (text == nullptr || (absl::SimpleAtod(*text, out) && std::isfinite(*out))) return;
  *out = 0;
  at.Error(absl::StrCat(Shown(*text), " is not a number"));
}

void Decode(const Cursor& at, absl::Duration* out) {
  constexpr absl::Duration kLongest = absl::Seconds(315'576'000'000);  // protobuf's Duration
  if (!at.Expect(YamlValue::Kind::kScalar)) return;
  const std::string& text = at.value().scalar;
  const bool fits = absl::ParseDuration(text, out) && *out <= kLongest && *out >= -kLongest;
  if (!fits) {
    *out = absl::Milliseconds(1);
    at.Error(absl::StrCat(Shown(text), " is not a duration, such as 0.5s"));
  } else if (*out < absl::Milliseconds(1)) {
    at.Error(absl::StrCat(Shown(text), " is shorter than 1ms"));
  } else if (*out % absl::Milliseconds(1) != absl::ZeroDuration()) {
    at.Error(absl::StrCat(Shown(text), " is not in whole milliseconds"));
  }
}

Fields::Fields(const Cursor& at) : at_(at), is_map_(at.Expect(YamlValue::Kind::kMap)) {}

Fields::~Fields() {
  if (!is_map_) return;
  int unknown = 0;
  for (const YamlEntry& entry : at_.value().entries) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
    if (++unknown > kMaxUnknown) return;
    const std::optional<std::string_view> meant = NearestName(entry.key, known_);
    at_.ReportUnknown(
        entry,
        absl::StrCat("unknown field ", Shown(entry.key),
                     meant ? absl::StrCat(", did you mean \"", AbslView(*meant), "\"?") : ""));
  }
}

const YamlValue* Fields::Take(std::string_view name) {
  known_.push_back(name);
  const YamlValue* value = is_map_ ? at_.value().Find(name) : nullptr;
  return value == nullptr || value->kind == YamlValue::Kind::kNull ? nullptr : value;
}

void Fields::Missing(std::string_view name) const {
  if (is_map_) at_.Error(absl::StrCat("\"", AbslView(name), "\" is missing"));
}

void Fields::Ignore(std::initializer_list<std::string_view> names) {
  known_.insert(known_.end(), names);
}

void Fields::WarnIgnored(std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) {
    if (Take(name) != nullptr) Warn(name, "is not supported and ignored");
  }
}

void Fields::Error(std::string_view name, std::string text) const {
  const YamlValue* value = is_map_ ? at_.value().Find(name) : nullptr;
  if (value == nullptr) return at_.Error(std::move(text));
  at_.Field(name, *value).Error(std::move(text));
}

void Fields::Warn(std::string_view name, std::string text) const {
  const YamlValue* value = is_map_ ? at_.value().Find(name) : nullptr;
  if (value == nullptr) return at_.Warn(std::move(text));
  at_.Field(name, *value).Warn(std::move(text));
}

Position Fields::PositionOf(std::string_view name) const {
  const YamlValue* value = is_map_ ? at_.value().Find(name) : nullptr;
  return value == nullptr ? at_.position() : value->position;
}

std::optional<size_t> IndexOfName(const Cursor& at, const std::vector<std::string_view>& names) {
  if (!at.Expect(YamlValue::Kind::kScalar)) return std::nullopt;
  const std::string& text = at.value().scalar;
  const auto it = std::find(names.begin(), names.end(), text);
  if (it != names.end()) return static_cast<size_t>(it - names.begin());
  std::vector<std::string> listed(names.begin(), names.end());
  const std::optional<std::string_view> meant = NearestName(text, names);
  at.Error(absl::StrCat(Shown(text), " is not one of ", absl::StrJoin(listed, ", "),
                        meant ? absl::StrCat("; did you mean \"", AbslView(*meant), "\"?") : ""));
  return std::nullopt;
}

}  // namespace meshlib::manifest
