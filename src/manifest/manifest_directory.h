// SPDX-License-Identifier: Apache-2.0
// ManifestDirectory: the objects of a directory whose files change.

#ifndef MESHLIB_MANIFEST_MANIFEST_DIRECTORY_H_
#define MESHLIB_MANIFEST_MANIFEST_DIRECTORY_H_

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "manifest/load.h"
#include "manifest/manifest.h"

namespace meshlib::manifest {

struct DirectoryOptions {
  // Kinds of those that are not enforced yet which may be there all the same.
  std::set<std::string> allow_unenforced;
};

// Each file has a last good state: a file with an error keeps contributing what it last contributed
// without one, and the error is reported with its place. A file that was never without an error
// contributes its objects that have none. A file that is gone contributes nothing; when the whole
// directory is gone or empty, everything stays as it was. An object that another file already has
// is an error of the file that changed last, and one of a kind that is not enforced is an error.
//
// Who owns it calls Reload() when something changed; net::DirectoryWatch says when.
// Thread-compatible.
class ManifestDirectory final {
 public:
  // What changed in a Reload().
  struct Change {
    bool manifest_changed = false;
    // All that is wrong now, kNote included, in the order of places.
    std::vector<Problem> problems;
    // Those of `problems` that the Reload() before did not have: what to print.
    std::vector<Problem> new_problems;
  };

  ManifestDirectory(std::string path, DirectoryOptions options);

  ManifestDirectory(const ManifestDirectory&) = delete;
  ManifestDirectory& operator=(const ManifestDirectory&) = delete;

  // Reads every file for the first time. Fails when the directory is missing, unreadable or empty,
  // and when a file that has security policies is broken, or has one that is not enforced and not
  // allowed: FAILED_PRECONDITION that names it. Other broken files do not fail it; they are in
  // `problems()`.
  absl::Status Start();

  // Reads the files that changed (by content).
  Change Reload();

  // The current state. Never null.
  std::shared_ptr<const Manifest> manifest() const { return manifest_; }
  const std::vector<Problem>& problems() const { return problems_; }
  const std::string& path() const { return path_; }

 private:
  struct File {
    bool has_security = false;                 // or may have
    size_t digest = 0;                         // of the text that was last read
    std::shared_ptr<const LoadResult> latest;  // never null
    std::shared_ptr<const Manifest> good;      // null: never was

    // Whether its latest state would replace a good one.
    bool pending() const {
      return latest->ok() && good != nullptr && &latest->manifest != good.get();
    }
  };
  using Files = std::map<std::string, File>;

  // Reads what changed.
  void ReadFiles(const std::vector<std::string>& paths);
  LoadResult LoadFile(const std::string& path, const std::string& text) const;
  // Accepts what is good and fits together.
  void Combine();
  std::vector<const Manifest*> Chosen(const std::set<std::string>& reverted) const;

  const std::string path_;
  const DirectoryOptions options_;
  Files files_;
  std::shared_ptr<const Manifest> manifest_ = std::make_shared<const Manifest>();
  std::vector<Problem> problems_;
};

// An error for each object that is not enforced yet, or not in every field, and whose kind is not
// in `allowed`.
std::vector<Problem> UnenforcedProblems(const Manifest& manifest,
                                        const std::set<std::string>& allowed);

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_MANIFEST_DIRECTORY_H_
