// SPDX-License-Identifier: Apache-2.0
// HostNode: a host that no Listener covers, resolved for direct Calls (ALLOW_ANY).

#ifndef MESHLIB_SNAPSHOT_HOST_NODE_H_
#define MESHLIB_SNAPSHOT_HOST_NODE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "pick/endpoint_registry.h"
#include "snapshot/endpoint_source.h"
#include "snapshot/mesh_snapshot.h"

namespace meshlib::snapshot {

// Control thread only.
class HostNode final {
 public:
  // `changed` is called when Update() has something to do.
  HostNode(std::string host, uint16_t port, const Sources& sources,
           absl::AnyInvocable<void()> changed);

  // Takes over what was resolved; whether entry() has become different.
  bool Update();

  // Null until the name was resolved, or could not be.
  const std::shared_ptr<const ClusterEntry>& entry() const { return entry_; }

 private:
  const std::shared_ptr<const resource::Cluster> cluster_;
  pick::EndpointRegistry registry_;
  EndpointSource source_;
  std::shared_ptr<const resource::EndpointSet> built_from_;
  std::shared_ptr<const ClusterEntry> entry_;
};

}  // namespace meshlib::snapshot

#endif  // MESHLIB_SNAPSHOT_HOST_NODE_H_
