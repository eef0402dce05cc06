// SPDX-License-Identifier: Apache-2.0
// Problem: what is wrong with a manifest, where, and how badly.

#ifndef MESHLIB_MANIFEST_PROBLEM_H_
#define MESHLIB_MANIFEST_PROBLEM_H_

#include <cstdint>
#include <string>
#include <vector>

#include "manifest/object_meta.h"

namespace meshlib::manifest {

enum class Severity : uint8_t {
  kError,    // the object, or the file, cannot be used
  kWarning,  // it can, but probably not as its author wanted
  kNote,     // worth knowing
};

// A value.
struct Problem {
  Severity severity = Severity::kError;
  Place place;
  std::string object;  // "VirtualService default/reviews"; empty where the file is meant
  std::string field;   // "spec.http[0].timeout"; empty where the object is meant
  std::string text;    // "2 seconds is not a duration, such as 0.5s"

  // "reviews.yaml:12:7: error: VirtualService default/reviews spec.http[0].timeout: ..."
  std::string ToString() const;
  friend bool operator==(const Problem&, const Problem&) = default;
};

bool HasErrors(const std::vector<Problem>& problems);
void SortByPlace(std::vector<Problem>& problems);

// In the order of places, one a line.
std::string ToText(std::vector<Problem> problems);
// A JSON list of {"severity","file","line","column","object","field","text"}, in the order of
// places.
std::string ToJson(std::vector<Problem> problems);

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_PROBLEM_H_
