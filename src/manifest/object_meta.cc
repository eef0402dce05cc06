// SPDX-License-Identifier: Apache-2.0
#include "manifest/object_meta.h"

#include <tuple>

#include "absl/strings/str_cat.h"

namespace meshlib::manifest {

std::string Place::ToString() const {
  if (position.line == 0) return file;
  return absl::StrCat(file, ":", position.line, ":", position.column);
}

std::string ObjectMeta::ToString() const {
  return name_space.empty() ? name : absl::StrCat(name_space, "/", name);
}

bool IsOlder(const ObjectMeta& a, const ObjectMeta& b) {
  const absl::Time created_a = a.created.value_or(absl::InfinitePast());
  const absl::Time created_b = b.created.value_or(absl::InfinitePast());
  return std::tie(created_a, a.name, a.name_space) < std::tie(created_b, b.name, b.name_space);
}

}  // namespace meshlib::manifest
