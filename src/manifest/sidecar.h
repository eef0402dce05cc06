// SPDX-License-Identifier: Apache-2.0
// Sidecar: networking.istio.io Sidecar, what of the mesh the workloads of a namespace need.

#ifndef MESHLIB_MANIFEST_SIDECAR_H_
#define MESHLIB_MANIFEST_SIDECAR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifest/object_meta.h"

namespace meshlib::manifest {

// IstioEgressListener. A value.
struct SidecarEgress {
  std::vector<std::string> hosts;  // "namespace/host", as written
  std::optional<uint32_t> port;
  Position position;

  friend bool operator==(const SidecarEgress&, const SidecarEgress&) = default;
};

// A value.
struct Sidecar {
  ObjectMeta meta;
  std::optional<Labels> workload_selector;
  std::vector<SidecarEgress> egress;  // empty: everything
  // Given, and not read further.
  bool has_ingress = false;
  bool has_outbound_traffic_policy = false;
  bool has_inbound_connection_pool = false;

  friend bool operator==(const Sidecar&, const Sidecar&) = default;
};

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_SIDECAR_H_
