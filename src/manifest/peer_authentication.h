// SPDX-License-Identifier: Apache-2.0
// PeerAuthentication: security.istio.io PeerAuthentication.

#ifndef MESHLIB_MANIFEST_PEER_AUTHENTICATION_H_
#define MESHLIB_MANIFEST_PEER_AUTHENTICATION_H_

#include <cstdint>
#include <map>

#include "manifest/object_meta.h"

namespace meshlib::manifest {

// A value.
struct PeerAuthentication {
  enum class Mode : uint8_t { kUnset, kDisable, kPermissive, kStrict };

  ObjectMeta meta;
  Labels selector;  // of the workloads; empty: all of the namespace, or of the mesh
  Mode mode = Mode::kUnset;
  std::map<uint32_t, Mode> port_modes;  // by the workload's port

  friend bool operator==(const PeerAuthentication&, const PeerAuthentication&) = default;
};

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_PEER_AUTHENTICATION_H_
