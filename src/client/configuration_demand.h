// SPDX-License-Identifier: Apache-2.0
// ConfigurationDemand: how Calls ask the control plane for what they lack.

#ifndef MESHLIB_CLIENT_CONFIGURATION_DEMAND_H_
#define MESHLIB_CLIENT_CONFIGURATION_DEMAND_H_

#include <cstdint>
#include <string_view>

namespace meshlib::client {

// Implemented by mesh/. Thread-safe.
class ConfigurationDemand {
 public:
  virtual ~ConfigurationDemand() = default;
  // Subscribes to the Listener of that name, once and for good; returns without waiting. Whoever
  // asked looks at the snapshots that are published from then on: one that knows the name, be it as
  // absent, is the answer. Called again for the same name by other Calls: must be cheap then.
  virtual void Require(std::string_view listener_name) = 0;
  // The same for a host that no Listener covers (ALLOW_ANY): MeshSnapshot::FindHost() will know it
  // as "host:port", IPv6 literals without brackets.
  virtual void RequireHost(std::string_view host, uint16_t port) = 0;
  // The same for what https:// URLs are called with: MeshSnapshot::urls.
  virtual void RequireUrlTls() = 0;
  // Whether the control plane has ever answered. Before that nobody knows which hosts are of the
  // mesh, and no Call may leave it.
  virtual bool HasAnswered() const = 0;
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_CONFIGURATION_DEMAND_H_
