// SPDX-License-Identifier: Apache-2.0
// SnapshotBuilder: what the control plane sends, assembled into complete MeshSnapshots.
//
// It demands Listeners, follows them to their RouteConfigs, Clusters and EndpointSets, and
// publishes only what is complete: a route never points at a Cluster that is not there yet.
// Completeness is per Listener, and one that is incomplete stays as it was when it last was
// complete, so that one missing resource holds back nobody else. What is new is added before what
// is old is dropped.
//
// Listeners are never unsubscribed from: a program calls the same few services all its life.

#ifndef MESHLIB_SNAPSHOT_SNAPSHOT_BUILDER_H_
#define MESHLIB_SNAPSHOT_SNAPSHOT_BUILDER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "base/published.h"
#include "net/resolver.h"
#include "resource/report.h"
#include "snapshot/mesh_snapshot.h"
#include "snapshot/tls_materials.h"
#include "xds/ads_client.h"

namespace meshlib::snapshot {

// A value.
struct SnapshotOptions {
  // Subscribe to all Listeners that the control plane has for this node (node type router).
  bool all_listeners = false;
  // How long a Cluster that the control plane withdrew stays usable by routes that still name it:
  // control planes withdraw Clusters before they send the routes that no longer need them.
  absl::Duration withdrawn_cluster_grace = absl::Seconds(2);
};

// Control thread only.
class SnapshotBuilder final {
 public:
  using OnPublished = absl::AnyInvocable<void(const MeshSnapshot&)>;

  // `on_published` is called after each Publish(), from a task of the loop. Publishes an empty
  // snapshot at once, without telling. `tls`: where certificates come from. REQUIRES: `ads`,
  // `loop`, `resolver`, `published` and what `tls` names outlive it, and every Picker of its
  // snapshots may outlive it.
  SnapshotBuilder(const SnapshotOptions& options, xds::AdsClient& ads, base::EventLoop& loop,
                  net::Resolver& resolver, base::Published<MeshSnapshot>& published,
                  OnPublished on_published, TlsMaterialSources tls = {});
  ~SnapshotBuilder();
  SnapshotBuilder(const SnapshotBuilder&) = delete;
  SnapshotBuilder& operator=(const SnapshotBuilder&) = delete;

  // Subscribes to the Listener of that name, once and for good. A snapshot that has it, be it as
  // absent or failed, is the answer. Cheap when it was required before.
  void Require(std::string_view listener_name);

  // Resolves a host that no Listener covers (ALLOW_ANY); MeshSnapshot::FindHost() has the answer,
  // also when the name does not resolve. Kept up to date from then on.
  void RequireHost(std::string_view host, uint16_t port);

  // Has MeshSnapshot::urls made, once and for good: https:// URLs are called.
  void RequireUrlTls();

  // What became of the fields of all resources in use, and the newest rejections,
  // and which certificates in use have an unusable newest version.
  resource::Report Report() const;

  // One line for each Listener whose newest version is not in use yet, with what it waits for.
  std::vector<std::string> Waiting() const;

 private:
  class Graph;
  std::unique_ptr<Graph> graph_;
};

}  // namespace meshlib::snapshot

#endif  // MESHLIB_SNAPSHOT_SNAPSHOT_BUILDER_H_
