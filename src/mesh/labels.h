// SPDX-License-Identifier: Apache-2.0
// Labels of a workload, as text.

#ifndef MESHLIB_MESH_LABELS_H_
#define MESHLIB_MESH_LABELS_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace meshlib::mesh {

// "app=reviews,version=v1". INVALID_ARGUMENT names the part that is not NAME=VALUE.
absl::StatusOr<std::map<std::string, std::string>> ParseLabelList(std::string_view text);

// The downward API's file: one NAME="VALUE" a line, with Go's escapes of quote and backslash.
absl::StatusOr<std::map<std::string, std::string>> ParseDownwardLabels(std::string_view text);

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_LABELS_H_
