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

// Reads one file's text: documents, lists, JSON. `file` is how problems name it. Never fails as a
// whole: what cannot be read is among the problems.
LoadResult LoadText(std::string_view text, std::string_view file);

// Reads *.yaml, *.yml and *.json of a directory and of those below it, in the order of their paths,
// or one file. Names that start with a dot are passed over. Problems name files as `path` plus
// their path within it. A directory that is missing, unreadable or without a file is an error.
LoadResult LoadPath(const std::string& path);

// The files that LoadPath(path) reads, in its order.
// NOT_FOUND, PERMISSION_DENIED: why it could not be looked at.
absl::StatusOr<std::vector<std::string>> ListFiles(const std::string& path);

// All objects of `parts`, in order. Of two objects of one kind, namespace and name the first stays,
// and an error that names both places is added.
LoadResult Merge(std::vector<LoadResult> parts);

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_LOAD_H_
