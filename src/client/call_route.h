// SPDX-License-Identifier: Apache-2.0
// CallRoute: what the configuration says about one Call.

#ifndef MESHLIB_CLIENT_CALL_ROUTE_H_
#define MESHLIB_CLIENT_CALL_ROUTE_H_

#include <cstdint>
#include <string_view>

#include "base/random.h"
#include "client/call_environment.h"
#include "client/call_failure.h"
#include "client/destination.h"
#include "client/snapshot_pins.h"
#include "resource/listener.h"
#include "resource/route_config.h"
#include "route/cluster_choice.h"
#include "route/request_rewrite.h"
#include "snapshot/mesh_snapshot.h"

namespace meshlib::client {

// The steps from a Destination to a Cluster, on one pinned snapshot: a pure function of it and of
// the random numbers. Recycled. Loop-bound, as the pin.
class CallRoute final {
 public:
  enum class Step : uint8_t {
    kDone,
    kWait,    // the configuration has not arrived; it has been asked for
    kFailed,  // `*failure` says why
  };

  void Reset();

  // Finds the Listener, or else the host outside the mesh. `explicit_listener` replaces the names
  // of the destination where it is not empty. `unknown_is_absent`: enough time has been given to a
  // control plane that says nothing about names that it does not know.
  Step FindListener(SnapshotPins::Pin pin, const Destination& destination,
                    std::string_view explicit_listener, bool unknown_is_absent,
                    CallEnvironment& environment, CallFailure* failure);

  // Finds route and cluster; applies the Listener's path and authority settings to `head`.
  // REQUIRES: FindListener() was kDone.
  Step ChooseRoute(uint16_t port, base::Random& random, route::OutgoingHead* head,
                   CallFailure* failure);
  // The Cluster of a forwarding route. REQUIRES: ChooseRoute() was kDone, and forward().
  Step FindCluster(CallFailure* failure);

  // Null for hosts outside the mesh, which have no route.
  const resource::HttpSettings* http() const { return http_; }
  const route::CompiledRoute* route() const { return route_; }
  // Null unless the route forwards.
  const resource::ForwardAction* forward() const;
  const resource::WeightedCluster* weighted() const { return choice_.weighted; }
  std::string_view cluster_name() const;
  route::ChosenRoute chosen() const { return {routes_->config(), *route_, choice_.weighted}; }
  std::string_view route_name() const;
  const resource::VirtualHost* virtual_host() const;

  // The Cluster as the newest snapshot has it, so that every Attempt asks the current Picker; as
  // pinned, when the newest has none.
  const snapshot::ClusterEntry* Current(const snapshot::MeshSnapshot& newest) const;

 private:
  Step FindHost(const Destination& destination, CallEnvironment& environment, CallFailure* failure);
  Step Use(const snapshot::ListenerEntry& listener, CallFailure* failure);

  SnapshotPins::Pin pin_;
  const resource::HttpSettings* http_ = nullptr;
  const route::RouteTable* routes_ = nullptr;
  const snapshot::ListenerEntry* listener_ = nullptr;
  const route::CompiledRoute* route_ = nullptr;
  route::ClusterChoice choice_;
  const snapshot::ClusterEntry* cluster_ = nullptr;
  std::string host_name_;  // "host:port" of a host outside the mesh
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_CALL_ROUTE_H_
