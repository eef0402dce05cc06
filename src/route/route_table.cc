// SPDX-License-Identifier: Apache-2.0
#include "route/route_table.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "route/domain_index.h"
#include "route/header_match.h"
#include "route/path_index.h"

namespace meshlib::route {
namespace {

using resource::ClusterName;
using resource::ForwardAction;
using resource::WeightedCluster;
using resource::WeightedClusters;

struct HostIndex {
  explicit HostIndex(const resource::VirtualHost& virtual_host)
      : host(&virtual_host), paths(virtual_host.routes) {}

  const resource::VirtualHost* host;
  std::vector<CompiledRoute> routes;
  PathIndex paths;
};

// Numbers cluster names in the order in which they are first met.
class ClusterNumbers final {
 public:
  ClusterIndex Of(const ClusterName& name) {
    const auto [it, added] = numbers_.try_emplace(name, static_cast<ClusterIndex>(names_.size()));
    if (added) names_.push_back(name);
    return it->second;
  }
  std::vector<ClusterName> TakeNames() { return std::move(names_); }

 private:
  std::vector<ClusterName> names_;
  absl::flat_hash_map<ClusterName, ClusterIndex> numbers_;
};

std::vector<ClusterIndex> NumberClusters(const ForwardAction& action, ClusterNumbers& numbers) {
  std::vector<ClusterIndex> result;
  if (const auto* name = std::get_if<ClusterName>(&action.cluster)) {
    result.push_back(numbers.Of(*name));
  } else if (const auto* weighted = std::get_if<WeightedClusters>(&action.cluster)) {
    for (const WeightedCluster& cluster : weighted->clusters) {
      result.push_back(numbers.Of(cluster.name));
    }
  }
  return result;
}

CompiledRoute CompileRoute(const resource::VirtualHost& host, const resource::Route& route,
                           ClusterNumbers& numbers) {
  CompiledRoute compiled{.route = &route, .virtual_host = &host};
  compiled.retry_policy = host.retry_policy ? &*host.retry_policy : nullptr;
  if (const auto* forward = std::get_if<ForwardAction>(&route.action)) {
    if (forward->retry_policy) compiled.retry_policy = &*forward->retry_policy;
    compiled.clusters = NumberClusters(*forward, numbers);
  }
  return compiled;
}

}  // namespace

struct RouteTable::Index {
  std::shared_ptr<const resource::RouteConfig> config;
  DomainIndex domains;
  std::vector<HostIndex> hosts;
  std::vector<ClusterName> clusters;
  bool has_cluster_header = false;
};

std::shared_ptr<const RouteTable> RouteTable::Compile(
    std::shared_ptr<const resource::RouteConfig> config) {
  auto index = std::make_unique<Index>();
  ClusterNumbers numbers;
  index->domains = DomainIndex(*config);
  index->hosts.reserve(config->virtual_hosts.size());
  for (const resource::VirtualHost& host : config->virtual_hosts) {
    HostIndex& compiled = index->hosts.emplace_back(host);
    compiled.routes.reserve(host.routes.size());
    for (const resource::Route& route : host.routes) {
      const auto* forward = std::get_if<resource::ForwardAction>(&route.action);
      if (forward != nullptr && std::holds_alternative<resource::ClusterHeader>(forward->cluster)) {
        index->has_cluster_header = true;
      }
      compiled.routes.push_back(CompileRoute(host, route, numbers));
    }
  }
  index->clusters = numbers.TakeNames();
  index->config = std::move(config);
  return std::shared_ptr<const RouteTable>(new RouteTable(std::move(index)));
}

RouteTable::RouteTable(std::unique_ptr<const Index> index) : index_(std::move(index)) {}

RouteTable::~RouteTable() = default;

RouteMatchResult RouteTable::Match(const RequestHead& head, uint64_t random) const {
  const std::optional<uint32_t> found = index_->domains.Find(head.authority);
  if (!found) return {};
  const HostIndex& host = index_->hosts[*found];
  const auto accept = [&](uint32_t n) {
    return MatchesConditions(host.host->routes[n].match, head, random);
  };
  const uint32_t n = host.paths.FindFirst(WithoutQuery(head.path), accept);
  return {host.host, n < host.routes.size() ? &host.routes[n] : nullptr};
}

const std::vector<ClusterName>& RouteTable::clusters() const { return index_->clusters; }
bool RouteTable::has_cluster_header() const { return index_->has_cluster_header; }

const resource::RouteConfig& RouteTable::config() const { return *index_->config; }

}  // namespace meshlib::route
