// SPDX-License-Identifier: Apache-2.0
// ControlPlaneTarget: where a Mesh gets its configuration from.

#ifndef MESHLIB_MESH_CONTROL_PLANE_TARGET_H_
#define MESHLIB_MESH_CONTROL_PLANE_TARGET_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace meshlib::mesh {

// MeshOptions::control_plane, taken apart. A value.
struct ControlPlaneTarget {
  enum class Kind : uint8_t { kYaml, kGrpc };
  Kind kind = Kind::kGrpc;
  // kYaml: a directory. kGrpc: "HOST:PORT", or "unix:/PATH" as gRPC names it.
  std::string address;
  bool secure = false;  // kGrpc with HOST:PORT: over TLS
  friend bool operator==(const ControlPlaneTarget&, const ControlPlaneTarget&) = default;
};

// INVALID_ARGUMENT says what the text should be.
absl::StatusOr<ControlPlaneTarget> ParseControlPlaneTarget(std::string_view text);

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_CONTROL_PLANE_TARGET_H_
