// SPDX-License-Identifier: Apache-2.0
// Joining the mesh as a command-line program.

#ifndef MESHCTL_MEMBER_H_
#define MESHCTL_MEMBER_H_

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "meshlib/mesh.h"

namespace meshctl {

// The options that every command which joins the mesh takes.
struct MemberOptions {
  std::string control_plane;  // --control-plane, else MESHLIB_CONTROL_PLANE
  std::string from;           // --from NAMESPACE or NAMESPACE/name=value,...

  void AddTo(CLI::App& command);
};

// MeshOptions by the environment, overridden by the command line.
absl::StatusOr<meshlib::MeshOptions> ReadMeshOptions(const MemberOptions& options);

// Prints "meshctl: MESSAGE" to stderr and returns 1.
int Fail(const absl::Status& status);

}  // namespace meshctl

#endif  // MESHCTL_MEMBER_H_
