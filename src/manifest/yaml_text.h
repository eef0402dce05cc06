// SPDX-License-Identifier: Apache-2.0
// YamlText: YAML or JSON text as a tree of values with their places.

#ifndef MESHLIB_MANIFEST_YAML_TEXT_H_
#define MESHLIB_MANIFEST_YAML_TEXT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/object_meta.h"

namespace meshlib::manifest {

struct YamlValue;
// Shared, because aliases refer to what an anchor names instead of copying it.
using YamlPtr = std::shared_ptr<const YamlValue>;

struct YamlEntry {
  std::string key;
  Position position;
  YamlPtr value;  // never null
};

// At most 100 levels deep, aliases included. Immutable; share freely.
struct YamlValue {
  enum class Kind : uint8_t { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  bool quoted = false;  // kScalar: text whatever it looks like
  Position position;
  std::string scalar;
  std::vector<YamlPtr> items;
  std::vector<YamlEntry> entries;  // as written, no key twice, merge keys resolved

  // The value of a key, or nullptr.
  const YamlValue* Find(std::string_view key) const;
};

struct YamlError {
  Position position;
  std::string text;
};

struct YamlText {
  std::vector<YamlPtr> documents;  // those without an error; empty ones are left out
  std::vector<YamlError> errors;   // what follows a syntax error is not read
};

// Accepts any bytes. Bounded: 100 levels, a million values behind aliases, and time and memory
// linear in the text and those values.
YamlText DecodeYaml(std::string_view text);

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_YAML_TEXT_H_
