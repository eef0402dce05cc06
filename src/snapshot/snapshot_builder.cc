// SPDX-License-Identifier: Apache-2.0
#include "snapshot/snapshot_builder.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/string_view.h"
#include "snapshot/cluster_node.h"
#include "snapshot/host_node.h"
#include "snapshot/listener_node.h"
#include "snapshot/route_tables.h"
#include "snapshot/upstream_tls.h"
#include "xds/decode_types.h"

namespace meshlib::snapshot {

// All nodes, and the one task that brings them up to date. Changes only schedule it, so that all
// changes of one turn of the loop become one snapshot.
class SnapshotBuilder::Graph final {
 public:
  Graph(const SnapshotOptions& options, xds::AdsClient& ads, base::EventLoop& loop,
        net::Resolver& resolver, base::Published<MeshSnapshot>& published, OnPublished on_published,
        TlsMaterialSources tls)
      : options_(options),
        materials_(std::move(tls), [this] { Schedule(); }),
        sources_{ads, loop, resolver, materials_},
        published_(published),
        on_published_(std::move(on_published)),
        self_(std::make_shared<Graph*>(this)) {
    published_.Publish(std::make_shared<const MeshSnapshot>());
    if (options_.all_listeners) WatchAllListeners();
  }
  ~Graph() { *self_ = nullptr; }

  void Require(std::string_view name) {
    if (listeners_.find(name) == listeners_.end()) AddListener(std::string(name)).Watch();
  }

  void RequireHost(std::string_view host, uint16_t port) {
    const std::string key = std::string(host) + ":" + std::to_string(port);
    std::unique_ptr<HostNode>& node = hosts_[key];
    if (node != nullptr) return;
    node = std::make_unique<HostNode>(std::string(host), port, sources_, [this] { Schedule(); });
    Schedule();
  }

  void RequireUrlTls() {
    if (urls_ != nullptr) return;
    urls_ = std::make_unique<UpstreamTls>(
        UpstreamTls::OfUrls(), ClientTls::ByHost{.sni = true, .names = true}, materials_);
    urls_are_new_ = true;
    Schedule();
  }

  resource::Report Report() const {
    resource::Report report = sources_.ads.Report();
    for (std::string& problem : materials_.Problems()) {
      resource::ReportEntry entry;
      entry.disposition = resource::Disposition::kRejected;
      entry.resource_type = "Certificate";
      entry.message = std::move(problem);
      report.push_back(std::move(entry));
    }
    return report;
  }

  std::vector<std::string> Waiting() const {
    std::vector<std::string> lines;
    for (const auto& [name, node] : listeners_) {
      if (!node->waits_for().empty()) {
        lines.push_back("Listener \"" + name + "\" waits for " + node->waits_for());
      } else if (node->entry() == nullptr) {
        lines.push_back("Listener \"" + name + "\" has not arrived");
      }
    }
    return lines;
  }

 private:
  void WatchAllListeners() {
    watch_ = sources_.ads.WatchAll<resource::Listener>(
        xds::ListenerType(),
        [this](const std::string& name, const ListenerNode::ListenerUpdate& update) {
          const auto it = listeners_.find(name);
          ListenerNode& node = it == listeners_.end() ? AddListener(name) : *it->second;
          node.OnListener(update);
        });
  }

  // As a sidecar's: a request may name any Cluster.
  void WatchAllClusters(bool wanted) {
    if (wanted == watches_clusters_) return;
    watches_clusters_ = wanted;
    listed_.clear();
    clusters_watch_ = {};
    if (!wanted) return;
    clusters_watch_ = sources_.ads.WatchAll<resource::Cluster>(
        xds::ClusterType(),
        [this](const std::string& name, const xds::AdsClient::Update<resource::Cluster>& update) {
          const bool changed = update.ok() ? listed_.insert(name).second : listed_.erase(name) > 0;
          if (!changed) return;
          listed_changed_ = true;
          Schedule();
        });
  }

  bool HasClusterHeader() const {
    return std::any_of(listeners_.begin(), listeners_.end(), [](const auto& item) {
      const auto& entry = item.second->entry();
      return entry != nullptr && entry->routes != nullptr && entry->routes->has_cluster_header();
    });
  }

  ListenerNode& AddListener(std::string name) {
    auto node = std::make_unique<ListenerNode>(name, sources_, tables_, [this] { Schedule(); });
    return *listeners_.emplace(std::move(name), std::move(node)).first->second;
  }

  void Schedule() {
    if (std::exchange(scheduled_, true)) return;
    sources_.loop.Post([weak = std::weak_ptr<Graph*>(self_)] {
      const auto self = weak.lock();
      if (self != nullptr && *self != nullptr) (*self)->Rebuild();
    });
  }

  void Rebuild() {
    scheduled_ = false;
    ++rebuild_;
    bool changed = std::exchange(urls_are_new_, false);
    if (urls_ != nullptr) changed |= urls_->Update();
    for (auto& [name, node] : clusters_) changed |= node->Update();
    for (auto& [name, node] : hosts_) changed |= node->Update();
    for (auto& [name, node] : listeners_) {
      changed |= node->Update([this](const resource::ClusterName& cluster) -> ClusterNode& {
        return Need(cluster.value);
      });
    }
    WatchAllClusters(HasClusterHeader());
    for (const std::string& name : listed_) Need(name);
    changed |= std::exchange(listed_changed_, false);
    if (changed) Publish();
    // After the routes that needed them are gone (rule N18).
    absl::erase_if(clusters_, [this](const auto& item) { return !IsNeeded(*item.second); });
  }

  bool IsNeeded(const ClusterNode& node) const { return node.needed_in == rebuild_; }

  ClusterNode& Need(const std::string& name) {
    std::unique_ptr<ClusterNode>& node = clusters_[name];
    if (node == nullptr) {
      node = std::make_unique<ClusterNode>(name, sources_, options_.withdrawn_cluster_grace,
                                           [this] { Schedule(); });
    }
    node->needed_in = rebuild_;
    return *node;
  }

  void Publish() {
    auto snapshot = std::make_shared<MeshSnapshot>();
    snapshot->version = ++version_;
    for (const auto& [name, node] : listeners_) {
      if (node->entry() != nullptr) snapshot->listeners.emplace(name, node->entry());
    }
    for (const auto& [name, node] : clusters_) {
      if (IsNeeded(*node) && node->entry() != nullptr) {
        snapshot->clusters.emplace(name, node->entry());
      }
    }
    for (const auto& [name, node] : hosts_) {
      if (node->entry() != nullptr) snapshot->hosts.emplace(name, node->entry());
    }
    if (urls_ != nullptr) snapshot->urls = urls_->current();
    published_.Publish(snapshot);
    if (on_published_) on_published_(*snapshot);
  }

  const SnapshotOptions options_;
  TlsMaterials materials_;
  const Sources sources_;
  base::Published<MeshSnapshot>& published_;
  OnPublished on_published_;

  RouteTables tables_;
  std::map<std::string, std::unique_ptr<ListenerNode>, std::less<>> listeners_;
  absl::flat_hash_map<std::string, std::unique_ptr<ClusterNode>> clusters_;
  std::map<std::string, std::unique_ptr<HostNode>> hosts_;
  std::unique_ptr<UpstreamTls> urls_;  // null: not asked for
  bool urls_are_new_ = false;
  uint64_t version_ = 0;
  uint64_t rebuild_ = 0;
  bool scheduled_ = false;
  base::Subscription watch_;
  bool watches_clusters_ = false;
  std::set<std::string> listed_;  // the Clusters that there are, while they are watched
  bool listed_changed_ = false;   // since the last rebuild
  base::Subscription clusters_watch_;
  const std::shared_ptr<Graph*> self_;  // emptied by the destructor; for posted tasks
};

SnapshotBuilder::SnapshotBuilder(const SnapshotOptions& options, xds::AdsClient& ads,
                                 base::EventLoop& loop, net::Resolver& resolver,
                                 base::Published<MeshSnapshot>& published, OnPublished on_published,
                                 TlsMaterialSources tls)
    : graph_(std::make_unique<Graph>(options, ads, loop, resolver, published,
                                     std::move(on_published), std::move(tls))) {}

SnapshotBuilder::~SnapshotBuilder() = default;

void SnapshotBuilder::Require(std::string_view listener_name) { graph_->Require(listener_name); }

void SnapshotBuilder::RequireHost(std::string_view host, uint16_t port) {
  graph_->RequireHost(host, port);
}

void SnapshotBuilder::RequireUrlTls() { graph_->RequireUrlTls(); }

resource::Report SnapshotBuilder::Report() const { return graph_->Report(); }

std::vector<std::string> SnapshotBuilder::Waiting() const { return graph_->Waiting(); }

}  // namespace meshlib::snapshot
