// SPDX-License-Identifier: Apache-2.0
// FakeFiles: a file system of a few texts, which tests write.

#ifndef MESHLIB_FAKE_FAKE_FILES_H_
#define MESHLIB_FAKE_FAKE_FILES_H_

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "net/file_source.h"

namespace meshlib::fake {

// Tells of changes at once. Thread-compatible.
class FakeFiles final : public net::FileSource {
 public:
  void Write(const std::string& path, std::string text) {
    texts_[path] = std::move(text);
    Tell(path);
  }
  void Remove(const std::string& path) {
    texts_.erase(path);
    Tell(path);
  }
  // How many watch that path.
  size_t watchers(const std::string& path) const { return watchers_.count(path); }

  absl::StatusOr<std::string> Read(const std::string& path) override {
    const auto found = texts_.find(path);
    if (found == texts_.end()) return absl::NotFoundError(path + ": No such file or directory");
    return found->second;
  }
  base::Subscription Watch(const std::string& path, absl::AnyInvocable<void()> changed) override {
    const auto place = watchers_.emplace(path, std::move(changed));
    return base::Subscription([this, place] { watchers_.erase(place); });
  }

 private:
  void Tell(const std::string& path) {
    const auto [first, last] = watchers_.equal_range(path);
    for (auto it = first; it != last;) (it++)->second();
  }

  std::map<std::string, std::string> texts_;
  std::multimap<std::string, absl::AnyInvocable<void()>> watchers_;
};

}  // namespace meshlib::fake

#endif  // MESHLIB_FAKE_FAKE_FILES_H_
