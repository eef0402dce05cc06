// SPDX-License-Identifier: Apache-2.0
// ObjectMeta: what every Kubernetes and Istio object has, and where it was read.

#ifndef MESHLIB_MANIFEST_OBJECT_META_H_
#define MESHLIB_MANIFEST_OBJECT_META_H_

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"

namespace meshlib::manifest {

// Keys to values. Ordered, so that what is made of it does not depend on hashing.
using Labels = std::map<std::string, std::string>;

// A place within a file, from 1. A value.
struct Position {
  int line = 0;  // 0: unknown
  int column = 0;

  friend auto operator<=>(const Position&, const Position&) = default;
};

// A place within the manifests. A value.
struct Place {
  std::string file;
  Position position;

  // "mesh/reviews.yaml:12:7"; without a position, the file alone.
  std::string ToString() const;
  friend auto operator<=>(const Place&, const Place&) = default;
};

// A value.
struct ObjectMeta {
  std::string name;
  std::string name_space = "default";  // empty for a Namespace, which has none
  Labels labels;
  Labels annotations;
  std::optional<absl::Time> created;  // metadata.creationTimestamp
  uint64_t order = 0;                 // of reading: files sorted by name, then as written
  Place place;                        // of the object's first field

  // "default/reviews", as reports write it after the kind.
  std::string ToString() const;
  friend bool operator==(const ObjectMeta&, const ObjectMeta&) = default;
};

// Istio's order of objects that could both apply: the oldest first, those without a
// creationTimestamp before others, then by name and by namespace.
bool IsOlder(const ObjectMeta& a, const ObjectMeta& b);

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_OBJECT_META_H_
