// SPDX-License-Identifier: Apache-2.0
// TempDirectory: a directory for one test, gone afterwards.

#ifndef MESHLIB_TESTS_MANIFEST_TEMP_DIRECTORY_H_
#define MESHLIB_TESTS_MANIFEST_TEMP_DIRECTORY_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace meshlib::manifest {

class TempDirectory final {
 public:
  TempDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "manifest-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~TempDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string At(const std::string& name) const { return path_ + "/" + name; }

  // Directories on the way are created.
  void Write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(At(name)).parent_path());
    std::ofstream(At(name), std::ios::binary) << text;
  }
  void Remove(const std::string& name) const { std::filesystem::remove_all(At(name)); }

 private:
  std::string path_;
};

}  // namespace meshlib::manifest

#endif  // MESHLIB_TESTS_MANIFEST_TEMP_DIRECTORY_H_
