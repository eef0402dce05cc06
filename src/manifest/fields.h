// SPDX-License-Identifier: Apache-2.0
// Fields: the fields of one mapping while it is decoded, and Decode() for what has no kind.
//
//   Fields fields(at);
//   fields.Require("host", &destination.host);
//   fields.Read("port", &destination.port, DecodePortSelector);
//   // ~Fields reports the fields that nobody read
//
// Decode(const Cursor&, T*) reads one value: into *out, or it reports an error and leaves *out in
// some valid state. Null counts as absent, as in Kubernetes.

#ifndef MESHLIB_MANIFEST_FIELDS_H_
#define MESHLIB_MANIFEST_FIELDS_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "manifest/cursor.h"
#include "manifest/object_meta.h"

namespace meshlib::manifest {

void Decode(const Cursor& at, std::string* out);  // an unquoted number or truth value is an error
void Decode(const Cursor& at, bool* out);
void Decode(const Cursor& at, uint32_t* out);
void Decode(const Cursor& at, uint64_t* out);
void Decode(const Cursor& at, double* out);
// Istio's rule for durations: from 1 ms on, in whole milliseconds.
void Decode(const Cursor& at, absl::Duration* out);
void Decode(const Cursor& at, Position* out) = delete;

template <typename T>
void Decode(const Cursor& at, std::optional<T>* out) {
  if (at.is_null()) return;
  Decode(at, &out->emplace());
}

// Decodes each item by `decode`.
template <typename T, typename DecodeItem>
void DecodeList(const Cursor& at, std::vector<T>* out, DecodeItem decode) {
  if (!at.Expect(YamlValue::Kind::kSequence)) return;
  for (size_t i = 0; i < at.value().items.size(); ++i) {
    decode(at.Item(i, *at.value().items[i]), &out->emplace_back());
  }
}

template <typename T>
void Decode(const Cursor& at, std::vector<T>* out) {
  DecodeList(at, out, [](const Cursor& item, T* value) { Decode(item, value); });
}

// Decodes each entry by `decode`.
template <typename T, typename DecodeValue>
void DecodeMap(const Cursor& at, std::map<std::string, T>* out, DecodeValue decode) {
  if (!at.Expect(YamlValue::Kind::kMap)) return;
  for (const YamlEntry& entry : at.value().entries) {
    decode(at.Field(entry.key, *entry.value), &(*out)[entry.key]);
  }
}

template <typename T>
void Decode(const Cursor& at, std::map<std::string, T>* out) {
  DecodeMap(at, out, [](const Cursor& value, T* decoded) { Decode(value, decoded); });
}

// For Read(): each item, or each value, by `decode`.
template <typename DecodeItem>
auto ListOf(DecodeItem decode) {
  return [decode](const Cursor& at, auto* out) { DecodeList(at, out, decode); };
}
template <typename DecodeValue>
auto MapOf(DecodeValue decode) {
  return [decode](const Cursor& at, auto* out) { DecodeMap(at, out, decode); };
}

// The fields of the mapping that a Cursor is at. Thread-compatible.
class Fields final {
 public:
  // `at` must outlive it. Reports an error when it is not at a mapping; then there are no fields.
  explicit Fields(const Cursor& at);
  ~Fields();

  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

  // Whether the field is there and not null. It counts as known from now on.
  bool Has(std::string_view name) { return Take(name) != nullptr; }

  // Whether the field was there.
  template <typename T, typename DecodeField>
  bool Read(std::string_view name, T* out, DecodeField decode) {
    const YamlValue* value = Take(name);
    if (value == nullptr) return false;
    decode(at_.Field(name, *value), out);
    return true;
  }
  template <typename T>
  bool Read(std::string_view name, T* out) {
    const YamlValue* value = Take(name);
    if (value == nullptr) return false;
    Decode(at_.Field(name, *value), out);
    return true;
  }
  template <typename T, typename DecodeField>
  bool Read(std::string_view name, std::optional<T>* out, DecodeField decode) {
    const YamlValue* value = Take(name);
    if (value == nullptr) return false;
    decode(at_.Field(name, *value), &out->emplace());
    return true;
  }

  // As Read(), and an absent field is an error.
  template <typename T>
  void Require(std::string_view name, T* out) {
    if (!Read(name, out)) Missing(name);
  }
  template <typename T, typename DecodeField>
  void Require(std::string_view name, T* out, DecodeField decode) {
    if (!Read(name, out, decode)) Missing(name);
  }
  void Missing(std::string_view name) const;

  // Fields that exist and mean nothing to us: nothing is reported.
  void Ignore(std::initializer_list<std::string_view> names);
  // Fields that would change behaviour and are not read: a warning for each that is there.
  void WarnIgnored(std::initializer_list<std::string_view> names);

  // Reports of a field that was read, at its place.
  void Error(std::string_view name, std::string text) const;
  void Warn(std::string_view name, std::string text) const;
  Position PositionOf(std::string_view name) const;

 private:
  // The value of a field, unless absent or null.
  const YamlValue* Take(std::string_view name);

  const Cursor& at_;
  const bool is_map_;
  std::vector<std::string_view> known_;
};

template <typename E>
using EnumNames = std::initializer_list<std::pair<std::string_view, E>>;

// Reports an error that lists `names`, unless the value is one of them.
std::optional<size_t> IndexOfName(const Cursor& at, const std::vector<std::string_view>& names);

template <typename E>
void DecodeEnum(const Cursor& at, EnumNames<E> values, E* out) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : values) names.push_back(name);
  if (const std::optional<size_t> index = IndexOfName(at, names))
    *out = values.begin()[*index].second;
}

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_FIELDS_H_
