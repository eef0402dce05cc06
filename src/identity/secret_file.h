// SPDX-License-Identifier: Apache-2.0
// Files that hold secrets: tokens and private keys.

#ifndef MESHLIB_IDENTITY_SECRET_FILE_H_
#define MESHLIB_IDENTITY_SECRET_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace meshlib::identity {

// The whole file. NOT_FOUND, PERMISSION_DENIED or INVALID_ARGUMENT name `path` and the cause: it is
// empty, larger than 64 KiB, or other users of the machine can read it. A file of a Kubernetes
// volume (it has a "..data" beside it) may have any mode: kubelet sets it, and a pod has no other
// users.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

// The same for a file that everybody may read.
absl::StatusOr<std::string> ReadPublicFile(const std::string& path);

// Replaces the file as a whole; it has mode 0600 from the beginning.
absl::Status WriteSecretFile(const std::string& path, std::string_view content);

// The same for a file that must not be there yet: ALREADY_EXISTS otherwise.
absl::Status CreateSecretFile(const std::string& path, std::string_view content);

}  // namespace meshlib::identity

#endif  // MESHLIB_IDENTITY_SECRET_FILE_H_
