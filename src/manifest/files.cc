// SPDX-License-Identifier: Apache-2.0
// ListFiles() and ReadFile().

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "manifest/load.h"

namespace meshlib::manifest {
namespace {

namespace fs = std::filesystem;

// Somebody who names "/" wants to hear of it soon.
constexpr size_t kMaxEntries = 100'000;

absl::Status StatusOf(const std::string& path, std::error_code error) {
  const std::string text = absl::StrCat(path, ": ", error.message());
  if (error == std::errc::no_such_file_or_directory) return absl::NotFoundError(text);
  if (error == std::errc::permission_denied) return absl::PermissionDeniedError(text);
  return absl::UnavailableError(text);
}

bool IsManifestFile(const fs::path& path) {
  const std::string ending = path.extension().string();
  return ending == ".yaml" || ending == ".yml" || ending == ".json";
}

// Walks directories, symbolic links included, each directory once. Thread-compatible.
class Walker final {
 public:
  absl::Status Walk(const fs::path& directory) {
    std::error_code error;
    const fs::path real = fs::canonical(directory, error);
    if (error) return StatusOf(directory.string(), error);
    if (!visited_.insert(real.string()).second) return absl::OkStatus();
    fs::directory_iterator it(directory, error);
    if (error) return StatusOf(directory.string(), error);
    for (; it != fs::directory_iterator(); it.increment(error)) {
      if (error) return StatusOf(directory.string(), error);
      if (absl::Status status = Visit(*it); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  std::vector<std::string> TakeFiles() {
    std::sort(files_.begin(), files_.end());
    return std::move(files_);
  }

 private:
  absl::Status Visit(const fs::directory_entry& entry) {
    if (++entries_ > kMaxEntries) {
      return absl::ResourceExhaustedError(
          absl::StrCat(entry.path().string(), ": more than ", kMaxEntries, " files"));
    }
    // The versions of a mounted ConfigMap start with "..", editors' files with ".".
    if (entry.path().filename().string().front() == '.') return absl::OkStatus();
    std::error_code error;
    if (entry.is_directory(error)) return Walk(entry.path());
    if (IsManifestFile(entry.path()) && !entry.is_socket(error) && !entry.is_fifo(error)) {
      files_.push_back(entry.path().string());
    }
    return absl::OkStatus();
  }

  std::set<std::string> visited_;
  std::vector<std::string> files_;
  size_t entries_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> ListFiles(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    return absl::NotFoundError(absl::StrCat(path, ": no such file or directory"));
  }
  if (error) return StatusOf(path, error);
  if (!fs::is_directory(status)) return std::vector<std::string>{path};
  Walker walker;
  if (absl::Status walked = walker.Walk(path); !walked.ok()) return walked;
  std::vector<std::string> files = walker.TakeFiles();
  if (files.empty()) {
    return absl::NotFoundError(absl::StrCat(path, ": no file *.yaml, *.yml or *.json"));
  }
  return files;
}

absl::StatusOr<std::string> ReadFile(const std::string& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (error) return StatusOf(file, error);
  if (!fs::is_regular_file(status)) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": not a regular file"));
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return StatusOf(file, std::error_code(errno, std::generic_category()));
  // One byte more than allowed, whatever size the file claims to have.
  std::string text(std::min<uintmax_t>(fs::file_size(file, error), kMaxFileSize) + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  const auto size = static_cast<size_t>(stream.gcount());
  if (size > kMaxFileSize) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": larger than ", kMaxFileSize >> 20, " MiB"));
  }
  text.resize(size);
  return text;
}

}  // namespace meshlib::manifest
