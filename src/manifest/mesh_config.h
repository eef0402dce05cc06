// SPDX-License-Identifier: Apache-2.0
// MeshConfig: Istio's settings of a mesh as a whole.

#ifndef MESHLIB_MANIFEST_MESH_CONFIG_H_
#define MESHLIB_MANIFEST_MESH_CONFIG_H_

#include <optional>
#include <string>
#include <vector>

#include "manifest/object_meta.h"

namespace meshlib::manifest {

// Where istiod reads it: this ConfigMap, and in it this key.
inline constexpr char kMeshConfigNamespace[] = "istio-system";
inline constexpr char kMeshConfigName[] = "istio";
inline constexpr char kMeshConfigKey[] = "mesh";

// A value.
struct MeshConfig {
  ObjectMeta meta;
  std::optional<std::string> trust_domain;        // "td.example"
  std::vector<std::string> trust_domain_aliases;  // whose workloads are treated as one's own

  friend bool operator==(const MeshConfig&, const MeshConfig&) = default;
};

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_MESH_CONFIG_H_
