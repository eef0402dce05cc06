// SPDX-License-Identifier: Apache-2.0
// FileSource: what files say, and when that changes.

#ifndef MESHLIB_NET_FILE_SOURCE_H_
#define MESHLIB_NET_FILE_SOURCE_H_

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/subscription.h"
#include "net/loop.h"

namespace meshlib::net {

// The seam between whoever needs small files, such as certificates, and the file system.
// Loop-bound.
class FileSource {
 public:
  virtual ~FileSource() = default;

  // The whole file. An error names path and cause: not there, not allowed, not a regular file, or
  // larger than 4 MiB.
  virtual absl::StatusOr<std::string> Read(const std::string& path) = 0;

  // Calls `changed` after the file was written, replaced, removed, or has come to be; it says that
  // something may have changed, not what. Never within Watch(). The path need not exist.
  virtual base::Subscription Watch(const std::string& path, absl::AnyInvocable<void()> changed) = 0;
};

// The files of this machine. Changes are told by inotify; where that is of no use (files that are
// not there, links to other directories, network file systems), within `poll`.
// REQUIRES: `loop` outlives it, and it outlives its subscriptions.
std::unique_ptr<FileSource> SystemFiles(Loop& loop, absl::Duration poll = absl::Seconds(2));

}  // namespace meshlib::net

#endif  // MESHLIB_NET_FILE_SOURCE_H_
