// SPDX-License-Identifier: Apache-2.0
#include "identity/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "net/fd.h"

namespace meshlib::identity {
namespace {

constexpr size_t kLargest = 64 * 1024;

absl::Status Failed(const std::string& path, int error) {
  const std::string text = absl::StrCat(path, ": ", std::strerror(error));
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(text);
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(text);
  return absl::InvalidArgumentError(text);
}

bool IsOfKubernetes(const std::string& path) {
  std::error_code error;
  const std::filesystem::path directory = std::filesystem::path(path).parent_path();
  return std::filesystem::is_symlink(directory / "..data", error) ||
         directory.filename().string().starts_with("..");
}

absl::StatusOr<std::string> ReadWhole(int fd, const std::string& path) {
  std::string content(kLargest + 1, '\0');
  size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = read(fd, content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed(path, errno);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > kLargest) return absl::InvalidArgumentError(path + ": larger than 64 KiB");
  content.resize(size);
  if (content.find_first_not_of(" \t\r\n") == std::string::npos) {
    return absl::InvalidArgumentError(path + ": it is empty");
  }
  return content;
}

absl::StatusOr<std::string> ReadFile(const std::string& path, bool secret) {
  const net::Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return Failed(path, errno);
  struct stat status {};
  if (fstat(fd.get(), &status) != 0) return Failed(path, errno);
  if (!S_ISREG(status.st_mode)) return absl::InvalidArgumentError(path + ": not a file");
  if (secret && (status.st_mode & (S_IROTH | S_IWOTH)) != 0 && !IsOfKubernetes(path)) {
    return absl::PermissionDeniedError(
        path + ": all users of this machine can read or write it; chmod 600 it");
  }
  return ReadWhole(fd.get(), path);
}

absl::Status WriteWhole(int fd, const std::string& path, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed(path, errno);
    content.remove_prefix(static_cast<size_t>(written));
  }
  return fsync(fd) == 0 ? absl::OkStatus() : Failed(path, errno);
}

// Writes a file in the same directory, mode 0600, and gives it its place.
absl::Status WriteBeside(const std::string& path, std::string_view content,
                         absl::FunctionRef<absl::Status(const char*)> place) {
  std::string temporary = path + ".XXXXXX";
  const net::Fd fd(mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return Failed(path, errno);
  absl::Status status = WriteWhole(fd.get(), path, content);
  if (status.ok()) status = place(temporary.c_str());
  unlink(temporary.c_str());  // not there any more if it was renamed
  return status;
}

}  // namespace

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) { return ReadFile(path, true); }

absl::StatusOr<std::string> ReadPublicFile(const std::string& path) {
  return ReadFile(path, false);
}

absl::Status WriteSecretFile(const std::string& path, std::string_view content) {
  return WriteBeside(path, content, [&](const char* temporary) {
    return rename(temporary, path.c_str()) == 0 ? absl::OkStatus() : Failed(path, errno);
  });
}

absl::Status CreateSecretFile(const std::string& path, std::string_view content) {
  return WriteBeside(path, content, [&](const char* temporary) {
    if (link(temporary, path.c_str()) == 0) return absl::OkStatus();
    return errno == EEXIST ? absl::AlreadyExistsError(path) : Failed(path, errno);
  });
}

}  // namespace meshlib::identity
