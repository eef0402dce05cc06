// SPDX-License-Identifier: Apache-2.0
// Load: files of YAML or JSON -> Manifest.

#ifndef MESHLIB_MANIFEST_LOAD_H_
#define MESHLIB_MANIFEST_LOAD_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "manifest/manifest.h"

namespace meshlib::manifest {

// A file beyond this size is an error, as are one that nests deeper than 100 levels and one whose
// aliases expand to more than a million nodes.
inline constexpr size_t kMaxFileSize = size_t{16} << 20;

struct LoadOptions {
  // How a field that nobody knows is reported. The object stays whichever it is: a cluster that is
  // newer than us may know the field.
  Severity unknown_field = Severity::kWarning;
  // Whether objects with an error are in the Manifest all the same, for checking references.
  bool keep_broken = false;
};

// Reads one file's text: documents, lists, JSON. `file` is how problems name it. Never fails as a
// whole: what cannot be read is among the problems.
LoadResult LoadText(std::string_view text, const std::string& file,
                    const LoadOptions& options = {});

// The text of a file. NOT_FOUND, PERMISSION_DENIED, and INVALID_ARGUMENT when it is too large or
// not a regular file.
absl::StatusOr<std::string> ReadFile(const std::string& file);

// Reads *.yaml, *.yml and *.json of a directory and of those below it, in the order of their paths,
// or one file. Names that start with a dot are passed over. Problems name files as `path` plus
// their path within it. A directory that is missing, unreadable or without a file is an error.
LoadResult LoadPath(const std::string& path, const LoadOptions& options = {});

// The files that LoadPath(path) reads, in its order; at least one.
// NOT_FOUND when there is none, PERMISSION_DENIED, RESOURCE_EXHAUSTED.
absl::StatusOr<std::vector<std::string>> ListFiles(const std::string& path);

// Two objects of one kind, namespace and name.
struct Duplicate {
  std::string object;  // "VirtualService default/reviews"
  Place first;
  Place second;

  Problem ToProblem() const;
};

// All objects of `parts` in order, and of duplicates the first, which are added to `duplicates`.
Manifest Merge(const std::vector<const Manifest*>& parts, std::vector<Duplicate>* duplicates);

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_LOAD_H_
