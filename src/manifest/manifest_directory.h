// ManifestDirectory: the objects of a directory whose files change.

#ifndef MESHLIB_MANIFEST_MANIFEST_DIRECTORY_H_
#define MESHLIB_MANIFEST_MANIFEST_DIRECTORY_H_

#include <map>
#include <memory>
#include <optional>
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
// without one, and the error is reported with its place. A file that is gone contributes nothing;
// when the whole directory is gone or empty, everything stays as it was. An object that
// another file already has is an error of the file that changed last.
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
  // and when an object has a kind that is not enforced and not allowed: FAILED_PRECONDITION that
  // names it. Broken files do not fail it: they have no good state yet, and are in `problems()`.
  absl::Status Start();

  // Reads the files that changed (by content).
  Change Reload();

  // The current state. Never null after Start().
  std::shared_ptr<const Manifest> manifest() const { return manifest_; }
  const std::vector<Problem>& problems() const { return problems_; }
  const std::string& path() const { return path_; }

 private:
  struct File {
    std::string text_digest;               // of what was last read
    std::shared_ptr<const Manifest> good;  // null: never was
    std::vector<Problem> problems;         // of what was last read
  };

  void ReadFiles(const std::vector<std::string>& files);
  void Combine();

  const std::string path_;
  const DirectoryOptions options_;
  std::map<std::string, File> files_;
  std::shared_ptr<const Manifest> manifest_;
  std::vector<Problem> problems_;
};

// An error for each object of a kind that is not enforced yet and not in `allowed`.
std::vector<Problem> UnenforcedProblems(const Manifest& manifest,
                                        const std::set<std::string>& allowed);

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_MANIFEST_DIRECTORY_H_
