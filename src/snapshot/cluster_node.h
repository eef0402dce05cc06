// SPDX-License-Identifier: Apache-2.0
// ClusterNode: one Cluster on its way into snapshots.

#ifndef MESHLIB_SNAPSHOT_CLUSTER_NODE_H_
#define MESHLIB_SNAPSHOT_CLUSTER_NODE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "base/subscription.h"
#include "base/timer.h"
#include "pick/endpoint_registry.h"
#include "resource/cluster.h"
#include "snapshot/endpoint_source.h"
#include "snapshot/mesh_snapshot.h"
#include "snapshot/upstream_tls.h"
#include "xds/ads_client.h"

namespace meshlib::snapshot {

// Follows a Cluster and its endpoints; a new version of the Cluster takes over when its endpoints
// are known, until then the one before goes on (rule N17). Keeps the states of endpoints from
// version to version. Control thread only.
class ClusterNode final {
 public:
  // `changed` is called when Update() has something to do.
  ClusterNode(std::string name, const Sources& sources, absl::Duration withdrawn_grace,
              absl::AnyInvocable<void()> changed);
  ClusterNode(const ClusterNode&) = delete;
  ClusterNode& operator=(const ClusterNode&) = delete;

  const std::string& name() const { return name_; }

  // Takes over what has arrived; whether entry() or settled() has become different.
  bool Update();

  // The version in use; null: none is complete yet, or there is no such Cluster.
  const std::shared_ptr<const ClusterEntry>& entry() const { return entry_; }

  // Whether routes may point at it: it is complete, or known not to exist.
  bool settled() const { return entry_ != nullptr || absent_; }
  // What it waits for, when it is not settled.
  std::string WaitsFor() const;

  // The last rebuild that needed it.
  uint64_t needed_in = 0;

 private:
  // A Cluster with its endpoints.
  struct Version {
    std::shared_ptr<const resource::Cluster> cluster;
    std::unique_ptr<EndpointSource> source;
  };

  void OnCluster(const xds::AdsClient::Update<resource::Cluster>& update);
  void Withdraw();
  void TakeOver(std::shared_ptr<const resource::Cluster> cluster);
  bool BuildEntry();
  // Whether the way to secure connections has become another one.
  bool UpdateSecurity();

  const std::string name_;
  const Sources sources_;
  const absl::Duration withdrawn_grace_;
  absl::AnyInvocable<void()> changed_;

  pick::EndpointRegistry registry_;
  std::shared_ptr<const resource::Cluster> arrived_;  // newest value, not taken over yet
  Version current_;
  Version next_;            // waits for its endpoints; cluster null: there is none
  bool withdrawn_ = false;  // the control plane has it no longer, the grace has begun
  bool absent_ = false;
  std::shared_ptr<const ClusterEntry> entry_;
  std::shared_ptr<const resource::EndpointSet> built_from_;
  resource::ClusterSecurity security_;  // what the two below were made from
  std::unique_ptr<UpstreamTls> always_;
  std::unique_ptr<UpstreamTls> for_istio_;
  base::Timer grace_;
  base::Subscription watch_;
};

}  // namespace meshlib::snapshot

#endif  // MESHLIB_SNAPSHOT_CLUSTER_NODE_H_
