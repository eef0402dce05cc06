// SPDX-License-Identifier: Apache-2.0
#include "translate/mesh_source.h"

#include <list>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "proto/type_urls.h"
#include "translate/server_listeners.h"

namespace meshlib::translate {

struct MeshSource::Watchers {
  std::list<absl::AnyInvocable<void()>> callbacks;
};

struct MeshSource::ClassCache {
  using Bodies = absl::flat_hash_map<std::string, Body>;

  ClassCache(std::shared_ptr<const MeshModel> model, NodeClass node_class)
      : view(std::move(model), std::move(node_class)) {}

  // The kept answer, or the one that `make` gives: an optional message. That there is none is not
  // kept: anybody can ask for any number of names.
  template <typename Make>
  Body Keep(Bodies& kept, const std::string& name, BodyPool& pool, Make make) {
    const auto found = kept.find(name);
    if (found != kept.end()) return found->second;
    const auto message = make();
    if (!message) return nullptr;
    return kept[name] = pool.Intern(*message);
  }

  NodeView view;
  Bodies listeners, routes, clusters, endpoints;
};

MeshSource::MeshSource(registry::Registry& registry)
    : registry_(registry), watchers_(std::make_shared<Watchers>()) {
  registry_watch_ = registry_.Watch([this] { RegistryChanged(); });
}

MeshSource::~MeshSource() = default;

void MeshSource::Update(std::shared_ptr<const manifest::Manifest> manifest,
                        const std::string& trust_domain) {
  // The bodies stay in the pool: what did not change is found there again.
  classes_.clear();
  endpoints_.reset();
  model_ = std::make_shared<const MeshModel>(std::move(manifest), trust_domain);
  endpoints_ = std::make_unique<const EndpointIndex>(model_->manifest(), registry_.workloads());
  NotifyWatchers();
  pool_.Sweep();
}

void MeshSource::RegistryChanged() {
  if (!model_) return;
  for (auto& [node_class, cache] : classes_) cache->endpoints.clear();
  endpoints_ = std::make_unique<const EndpointIndex>(model_->manifest(), registry_.workloads());
  NotifyWatchers();
  pool_.Sweep();
}

MeshSource::ClassCache& MeshSource::CacheFor(const ads_server::Node& node) {
  NodeClass node_class = ClassOf(node, model_->asked_of_clients());
  std::unique_ptr<ClassCache>& cache = classes_[node_class];
  if (!cache) cache = std::make_unique<ClassCache>(model_, std::move(node_class));
  return *cache;
}

ads_server::ServedResources MeshSource::Resources(const ads_server::Node& node,
                                                  std::string_view type_url,
                                                  const std::vector<std::string>& names,
                                                  bool wildcard) {
  ads_server::ServedResources served;
  if (!model_) return served;
  ClassCache& cache = CacheFor(node);
  std::vector<std::string> all = names;
  if (wildcard && type_url == proto::kListenerTypeUrl) all = cache.view.ListenerNames();
  if (wildcard && type_url == proto::kClusterTypeUrl) all = cache.view.ClusterNames();
  for (const std::string& name : all) {
    if (type_url == proto::kEndpointSetTypeUrl && !MayTellEndpoints(cache.view, name)) {
      served.withheld.push_back(name);
    } else if (Body body = Find(cache, node, type_url, name)) {
      served.resources.push_back({.name = name, .body = std::move(body)});
    }
  }
  return served;
}

MeshSource::Body MeshSource::Find(ClassCache& cache, const ads_server::Node& node,
                                  std::string_view type_url, const std::string& name) {
  if (type_url == proto::kListenerTypeUrl) return FindListener(cache, node, name);
  if (type_url == proto::kRouteConfigTypeUrl) {
    return cache.Keep(cache.routes, name, pool_, [&] { return cache.view.RouteConfig(name); });
  }
  if (type_url == proto::kClusterTypeUrl) {
    return cache.Keep(cache.clusters, name, pool_, [&] { return cache.view.Cluster(name); });
  }
  if (type_url == proto::kEndpointSetTypeUrl) {
    return cache.Keep(cache.endpoints, name, pool_,
                      [&] { return cache.view.Endpoints(name, *endpoints_); });
  }
  return nullptr;
}

MeshSource::Body MeshSource::FindListener(ClassCache& cache, const ads_server::Node& node,
                                          const std::string& name) {
  if (!IsServerListener(name)) {
    return cache.Keep(cache.listeners, name, pool_, [&] { return cache.view.Listener(name); });
  }
  // Depends on all of the node; each is asked for by one node only.
  const auto listener = FindServerListener(*model_, node, cache.view.node_class().shape, name);
  return listener ? pool_.Intern(*listener) : nullptr;
}

// Endpoints that files name are there at once; those that register come back one after the other.
bool MeshSource::MayTellEndpoints(const NodeView& view, const std::string& cluster) const {
  const std::optional<NamedCluster> found = view.FindCluster(cluster);
  if (!found || !found->service->selector) return true;
  if (model_->files().HasListed(*found->service, *found->port)) return true;
  return registry_.MayTell(endpoints_->HasRegistered(*found->service));
}

base::Subscription MeshSource::Watch(absl::AnyInvocable<void()> changed) {
  auto& callbacks = watchers_->callbacks;
  const auto position = callbacks.insert(callbacks.end(), std::move(changed));
  return base::Subscription([watchers = std::weak_ptr<Watchers>(watchers_), position] {
    if (const auto alive = watchers.lock()) alive->callbacks.erase(position);
  });
}

// A callback may end its own subscription, or others'.
void MeshSource::NotifyWatchers() {
  auto& callbacks = watchers_->callbacks;
  for (auto it = callbacks.begin(); it != callbacks.end();) {
    auto& callback = *it++;
    callback();
  }
}

}  // namespace meshlib::translate
