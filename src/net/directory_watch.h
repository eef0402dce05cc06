// SPDX-License-Identifier: Apache-2.0
// DirectoryWatch: tells when files of a directory tree change.

#ifndef MESHLIB_NET_DIRECTORY_WATCH_H_
#define MESHLIB_NET_DIRECTORY_WATCH_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/timer.h"
#include "net/fd.h"
#include "net/loop.h"

namespace meshlib::net {

// A value.
struct DirectoryWatchOptions {
  // Changes are told once nothing has changed for `quiet`, and at the latest `at_most` after the
  // first: an editor's or kubectl's several steps are one change.
  absl::Duration quiet = absl::Milliseconds(40);
  absl::Duration at_most = absl::Milliseconds(120);
};

// Watches a directory and those below it, or a single file, by inotify: files written, created,
// renamed, removed, directories that come and go, files behind symbolic links, the link swaps of
// Kubernetes volumes, and the directory itself when it is replaced. It says that something changed,
// not what.
// Loop-bound: use only on the loop passed to Start().
class DirectoryWatch final : private FdHandler {
 public:
  // `changed` is called on the loop, never inside Start(). RESOURCE_EXHAUSTED when the kernel's
  // limits on watches are reached, NOT_FOUND when there is nothing at `path`.
  static absl::StatusOr<std::unique_ptr<DirectoryWatch>> Start(
      Loop& loop, std::string path, absl::AnyInvocable<void()> changed,
      const DirectoryWatchOptions& options = {});
  ~DirectoryWatch() override;

 private:
  DirectoryWatch(Loop& loop, std::string path, absl::AnyInvocable<void()> changed,
                 const DirectoryWatchOptions& options, Fd inotify);

  absl::Status WatchTree();
  absl::Status WatchOne(const std::string& path);
  void OnReady(uint32_t readiness) override;
  bool Concerns(int watch, std::string_view name) const;
  void NoteChange();
  void Tell();

  Loop& loop_;
  const std::string path_;
  const DirectoryWatchOptions options_;
  const Fd inotify_;
  absl::AnyInvocable<void()> changed_;

  int parent_watch_ = -1;
  std::string own_name_;  // in the parent; events there concern us by this name only
  absl::Time first_change_ = absl::InfiniteFuture();
  base::Timer timer_;
};

}  // namespace meshlib::net

#endif  // MESHLIB_NET_DIRECTORY_WATCH_H_
