// SPDX-License-Identifier: Apache-2.0
#include "net/directory_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace meshlib::net {
namespace {

namespace fs = std::filesystem;

// IN_MODIFY for what is being written: a file that was truncated a moment ago is not read yet.
constexpr uint32_t kEvents = IN_CLOSE_WRITE | IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                             IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB;

// Trees deeper than this hold a cycle of symbolic links, or are no configuration.
constexpr int kMaxDepth = 32;

absl::Status Failed(const std::string& path, int error) {
  const std::string text = "net: watching " + path + ": " + std::strerror(error);
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(text);
  if (error == EACCES) return absl::PermissionDeniedError(text);
  return absl::ResourceExhaustedError(text);
}

}  // namespace

absl::StatusOr<std::unique_ptr<DirectoryWatch>> DirectoryWatch::Start(
    Loop& loop, std::string path, absl::AnyInvocable<void()> changed,
    const DirectoryWatchOptions& options) {
  Fd inotify(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!inotify) return Failed(path, errno);
  std::unique_ptr<DirectoryWatch> watch(
      new DirectoryWatch(loop, std::move(path), std::move(changed), options, std::move(inotify)));
  if (absl::Status status = watch->WatchTree(); !status.ok()) return status;
  if (absl::Status status = loop.Watch(watch->inotify_.get(), kReadable, watch.get());
      !status.ok()) {
    return status;
  }
  return watch;
}

DirectoryWatch::DirectoryWatch(Loop& loop, std::string path, absl::AnyInvocable<void()> changed,
                               const DirectoryWatchOptions& options, Fd inotify)
    : loop_(loop),
      path_(std::move(path)),
      options_(options),
      inotify_(std::move(inotify)),
      changed_(std::move(changed)),
      timer_(loop.timers(), [this] { Tell(); }) {}

DirectoryWatch::~DirectoryWatch() { loop_.Unwatch(inotify_.get(), this); }

absl::Status DirectoryWatch::WatchTree() {
  std::error_code error;
  const fs::path absolute = fs::absolute(fs::path(path_), error).lexically_normal();
  const fs::path directory = absolute.has_filename() ? absolute : absolute.parent_path();
  own_name_ = directory.filename().string();
  parent_watch_ =
      inotify_add_watch(inotify_.get(), directory.parent_path().c_str(), kEvents | IN_ONLYDIR);
  if (absl::Status status = WatchOne(path_); !status.ok()) return status;
  if (!fs::is_directory(path_, error)) return absl::OkStatus();

  const auto options = fs::directory_options::follow_directory_symlink |
                       fs::directory_options::skip_permission_denied;
  fs::recursive_directory_iterator entry(path_, options, error);
  while (!error && entry != fs::recursive_directory_iterator()) {
    if (entry.depth() >= kMaxDepth) entry.disable_recursion_pending();
    std::error_code ignored;
    // Behind a symbolic link there may be a file of another directory.
    if (entry->is_directory(ignored) || entry->is_symlink(ignored)) {
      absl::Status status = WatchOne(entry->path().string());
      if (absl::IsResourceExhausted(status)) return status;
    }
    entry.increment(error);
  }
  return absl::OkStatus();
}

absl::Status DirectoryWatch::WatchOne(const std::string& path) {
  // Watching the same again changes nothing.
  if (inotify_add_watch(inotify_.get(), path.c_str(), kEvents) < 0) return Failed(path, errno);
  return absl::OkStatus();
}

void DirectoryWatch::OnReady(uint32_t) {
  alignas(inotify_event) std::array<char, 16384> buffer;
  bool concerned = false;
  for (;;) {
    const ssize_t got = read(inotify_.get(), buffer.data(), buffer.size());
    if (got <= 0) break;
    for (size_t at = 0; at < static_cast<size_t>(got);) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* name = buffer.data() + at + sizeof event;
      concerned |= Concerns(event.wd, event.len == 0 ? std::string_view() : std::string_view(name));
      at += sizeof event + event.len;
    }
  }
  if (concerned) NoteChange();
}

bool DirectoryWatch::Concerns(int watch, std::string_view name) const {
  return watch != parent_watch_ || name == own_name_;
}

void DirectoryWatch::NoteChange() {
  const absl::Time now = loop_.Now();
  first_change_ = std::min(first_change_, now);
  timer_.ArmAt(std::min(now + options_.quiet, first_change_ + options_.at_most));
}

void DirectoryWatch::Tell() {
  first_change_ = absl::InfiniteFuture();
  // Directories may be new, or not the ones that were watched. One that is gone comes back as an
  // event of its parent.
  WatchTree().IgnoreError();
  changed_();
}

}  // namespace meshlib::net
