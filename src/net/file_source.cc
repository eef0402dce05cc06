// SPDX-License-Identifier: Apache-2.0
#include "net/file_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/timer.h"
#include "net/directory_watch.h"
#include "net/fd.h"

namespace meshlib::net {
namespace {

constexpr size_t kMaxBytes = 4u << 20;

absl::Status Failed(const std::string& path, int error) {
  const std::string text = absl::StrCat(path, ": ", std::strerror(error));
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(text);
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(text);
  return absl::UnavailableError(text);
}

// What differs when a file has been written or replaced. A value.
struct Stamp {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = -1;  // -1: no such file
  int64_t seconds = 0;
  int64_t nanoseconds = 0;
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

Stamp StampOf(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino, info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec};
}

// One watched path. Loop-bound.
class WatchedFile final {
 public:
  WatchedFile(Loop& loop, absl::Duration interval, std::string path,
              absl::AnyInvocable<void()> changed)
      : loop_(loop),
        interval_(interval),
        path_(std::move(path)),
        changed_(std::move(changed)),
        stamp_(StampOf(path_)),
        poll_(loop.timers(), [this] { Poll(); }) {
    Notify();
    poll_.ArmAt(loop_.Now() + interval_);
  }

 private:
  void Poll() {
    poll_.ArmAt(loop_.Now() + interval_);
    if (watch_ == nullptr) Notify();
    Look();
  }

  void Look() {
    const Stamp now = StampOf(path_);
    if (now == stamp_) return;
    stamp_ = now;
    // Another file under the same name is not the one that is watched.
    watch_.reset();
    Notify();
    changed_();
  }

  void Notify() {
    auto watch = DirectoryWatch::Start(loop_, path_, [this] { look_.ArmAt(loop_.Now()); });
    if (watch.ok()) watch_ = *std::move(watch);
  }

  Loop& loop_;
  const absl::Duration interval_;
  const std::string path_;
  absl::AnyInvocable<void()> changed_;
  Stamp stamp_;
  std::unique_ptr<DirectoryWatch> watch_;  // null: nothing to be watched
  base::Timer poll_;
  // Not within a function of the watch, which Look() replaces.
  base::Timer look_{loop_.timers(), [this] { Look(); }};
};

class LocalFiles final : public FileSource {
 public:
  LocalFiles(Loop& loop, absl::Duration poll) : loop_(loop), poll_(poll) {}

  absl::StatusOr<std::string> Read(const std::string& path) override {
    // Opening a pipe must not wait for its writer.
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) return Failed(path, errno);
    struct stat info {};
    if (fstat(file.get(), &info) != 0) return Failed(path, errno);
    if (!S_ISREG(info.st_mode)) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": is not a regular file"));
    }
    std::string text;
    std::array<char, 16384> buffer;
    for (;;) {
      const ssize_t got = read(file.get(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Failed(path, errno);
      if (got == 0) return text;
      text.append(buffer.data(), static_cast<size_t>(got));
      if (text.size() > kMaxBytes) {
        return absl::ResourceExhaustedError(absl::StrCat(path, ": is larger than 4 MiB"));
      }
    }
  }

  base::Subscription Watch(const std::string& path, absl::AnyInvocable<void()> changed) override {
    auto file = std::make_shared<WatchedFile>(loop_, poll_, path, std::move(changed));
    return base::Subscription([file]() mutable { file.reset(); });
  }

 private:
  Loop& loop_;
  const absl::Duration poll_;
};

}  // namespace

std::unique_ptr<FileSource> SystemFiles(Loop& loop, absl::Duration poll) {
  return std::make_unique<LocalFiles>(loop, poll);
}

}  // namespace meshlib::net
