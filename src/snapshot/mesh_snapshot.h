// SPDX-License-Identifier: Apache-2.0
// MeshSnapshot: the complete immutable configuration at a version.

#ifndef MESHLIB_SNAPSHOT_MESH_SNAPSHOT_H_
#define MESHLIB_SNAPSHOT_MESH_SNAPSHOT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "base/string_view.h"
#include "pick/picker.h"
#include "resource/cluster.h"
#include "resource/listener.h"
#include "resource/report.h"
#include "route/route_table.h"
#include "snapshot/client_tls.h"

namespace meshlib::snapshot {

// A Cluster that is ready to be picked from. Immutable; share freely.
struct ClusterEntry {
  std::shared_ptr<const resource::Cluster> cluster;
  std::shared_ptr<const pick::Picker> picker;
  std::shared_ptr<pick::ClusterState> state;
  // As ClusterSecurity: null is plaintext.
  std::shared_ptr<const ClientTls> always{};
  std::shared_ptr<const ClientTls> for_istio{};

  // How connections to an endpoint are to be secured; null: they are plaintext.
  const std::shared_ptr<const ClientTls>& TlsFor(resource::TlsMode mode) const {
    return mode == resource::TlsMode::kIstio && for_istio != nullptr ? for_istio : always;
  }
};

// A Listener with everything that it refers to, complete. Immutable; share freely.
struct ListenerEntry {
  enum class State : uint8_t {
    kReady,   // routes is set
    kAbsent,  // the control plane says that there is no such Listener
    kFailed,  // `failure` says why every Call fails: rejected and no good version before
  };
  State state = State::kReady;
  absl::Status failure;
  std::shared_ptr<const resource::Listener> listener;
  // The settings in force: listener->api, or the first HTTP filter chain of a server's Listener.
  const resource::HttpSettings* http = nullptr;
  std::shared_ptr<const route::RouteTable> routes;
  // In the order of routes->clusters(). An entry is null when the cluster does not exist
  // (cluster_not_found_response_code).
  std::vector<std::shared_ptr<const ClusterEntry>> clusters;
};

// Immutable; share freely.
struct MeshSnapshot {
  uint64_t version = 0;
  // By full resource name, "reviews.default.svc.cluster.local:9080"; names that are not known yet
  // are not in it. A gateway's Listeners are here by their own names, "0.0.0.0_8080". So are
  // inbound ones, "xds.istio.io/grpc/lds/inbound/127.0.1.1:9080".
  absl::flat_hash_map<std::string, std::shared_ptr<const ListenerEntry>> listeners;
  // Clusters that a request may name itself (cluster_header): every cluster that is known, which
  // are all that the control plane has while any route has a cluster_header.
  absl::flat_hash_map<std::string, std::shared_ptr<const ClusterEntry>> clusters;

  // Hosts outside the mesh that were asked for, by "host:port"; the picker fails when the name does
  // not resolve.
  absl::flat_hash_map<std::string, std::shared_ptr<const ClusterEntry>> hosts;

  // For https:// URLs where no Cluster says how: the machine's roots, and the URL's host as SNI and
  // name. Null until it was asked for.
  std::shared_ptr<const ClientTls> urls;

  // nullptr when it is not known yet.
  const ClusterEntry* FindHost(std::string_view host_and_port) const {
    const auto it = hosts.find(base::AbslView(host_and_port));
    return it == hosts.end() ? nullptr : it->second.get();
  }
  const ListenerEntry* Find(std::string_view name) const {
    const auto it = listeners.find(base::AbslView(name));
    return it == listeners.end() ? nullptr : it->second.get();
  }
};

}  // namespace meshlib::snapshot

#endif  // MESHLIB_SNAPSHOT_MESH_SNAPSHOT_H_
