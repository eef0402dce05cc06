// SPDX-License-Identifier: Apache-2.0
#include "member.h"

#include <cstdlib>
#include <iostream>
#include <utility>

#include "mesh/labels.h"

namespace meshctl {

void MemberOptions::AddTo(CLI::App& command) {
  command.add_option("--control-plane", control_plane,
                     "yaml:DIR, grpcs://HOST:PORT, grpc://HOST:PORT or unix:PATH (default: "
                     "MESHLIB_CONTROL_PLANE)");
  command.add_option("--from", from, "the caller: NAMESPACE or NAMESPACE/name=value,...");
}

absl::StatusOr<meshlib::MeshOptions> ReadMeshOptions(const MemberOptions& options) {
  if (!options.control_plane.empty()) {
    setenv("MESHLIB_CONTROL_PLANE", options.control_plane.c_str(), 1);
  }
  auto mesh_options = meshlib::MeshOptions::FromEnvironment();
  if (!mesh_options.ok() || options.from.empty()) return mesh_options;
  const size_t slash = options.from.find('/');
  mesh_options->pod_namespace = options.from.substr(0, slash);
  mesh_options->labels.clear();
  if (slash == std::string::npos) return mesh_options;
  auto labels = meshlib::mesh::ParseLabelList(options.from.substr(slash + 1));
  if (!labels.ok()) {
    return absl::InvalidArgumentError("--from: " + std::string(labels.status().message()));
  }
  mesh_options->labels = *std::move(labels);
  return mesh_options;
}

int Fail(const absl::Status& status) {
  std::cerr << "meshctl: " << status.message() << "\n";
  return 1;
}

}  // namespace meshctl
