// SPDX-License-Identifier: Apache-2.0
// ListenerNode: one Listener on its way into snapshots.

#ifndef MESHLIB_SNAPSHOT_LISTENER_NODE_H_
#define MESHLIB_SNAPSHOT_LISTENER_NODE_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "base/subscription.h"
#include "resource/listener.h"
#include "resource/route_config.h"
#include "route/route_table.h"
#include "snapshot/cluster_node.h"
#include "snapshot/mesh_snapshot.h"
#include "snapshot/route_tables.h"
#include "xds/ads_client.h"

namespace meshlib::snapshot {

// Follows a Listener to its routes and their Clusters. What has arrived takes over when all of it
// is complete; until then the last complete version goes on, with Clusters as they are now.
// Control thread only.
class ListenerNode final {
 public:
  using ListenerUpdate = xds::AdsClient::Update<resource::Listener>;
  // Finds or makes the node of a Cluster and notes that it is needed.
  using NeedCluster = absl::FunctionRef<ClusterNode&(const resource::ClusterName&)>;

  // `changed` is called when Update() has something to do. REQUIRES: `tables` outlives it.
  ListenerNode(std::string name, const Sources& sources, RouteTables& tables,
               absl::AnyInvocable<void()> changed);
  ListenerNode(const ListenerNode&) = delete;
  ListenerNode& operator=(const ListenerNode&) = delete;

  // Subscribes to the Listener; not for those that come by a wildcard.
  void Watch();
  void OnListener(const ListenerUpdate& update);

  // Takes over what has arrived; whether entry() has become different.
  bool Update(NeedCluster need);

  // Null: nothing is known yet.
  const std::shared_ptr<const ListenerEntry>& entry() const { return entry_; }
  // What the newest version waits for; empty: nothing.
  const std::string& waits_for() const { return waits_for_; }

 private:
  // A Listener with compiled routes.
  struct Version {
    std::shared_ptr<const resource::Listener> listener;
    const resource::HttpSettings* http = nullptr;  // of `listener`
    std::shared_ptr<const route::RouteTable> routes;
  };

  void FollowRoutes(const resource::HttpSettings* http);
  // The newest version as far as it is known; nullopt: waits_for_ or failure_ says why.
  std::optional<Version> Newest();
  std::shared_ptr<const route::RouteTable> TableOf(const resource::HttpSettings& http);
  bool IsComplete(const Version& version, NeedCluster need);
  std::shared_ptr<const ListenerEntry> EntryOf(const Version& version, NeedCluster need) const;
  bool Replace(std::shared_ptr<const ListenerEntry> entry);

  const std::string name_;
  const Sources sources_;
  RouteTables& tables_;
  absl::AnyInvocable<void()> changed_;

  std::optional<ListenerUpdate> listener_;  // newest
  std::string routes_name_;                 // whom routes_watch_ follows
  std::optional<xds::AdsClient::Update<resource::RouteConfig>> routes_;  // newest
  std::shared_ptr<const resource::RouteConfig> compiled_from_;
  std::shared_ptr<const route::RouteTable> compiled_;

  std::optional<Version> current_;
  std::shared_ptr<const ListenerEntry> entry_;
  std::string waits_for_;
  absl::Status failure_;
  base::Subscription watch_;
  base::Subscription routes_watch_;
};

}  // namespace meshlib::snapshot

#endif  // MESHLIB_SNAPSHOT_LISTENER_NODE_H_
