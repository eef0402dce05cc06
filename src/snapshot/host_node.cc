// SPDX-License-Identifier: Apache-2.0
#include "snapshot/host_node.h"

#include <limits>
#include <utility>

namespace meshlib::snapshot {
namespace {

// As Istio's PassthroughCluster: no limits, no policy.
std::shared_ptr<const resource::Cluster> DirectCluster(std::string host, uint16_t port) {
  constexpr uint32_t kUnlimited = std::numeric_limits<uint32_t>::max();
  auto cluster = std::make_shared<resource::Cluster>();
  cluster->name = resource::ClusterName("PassthroughCluster");
  cluster->circuit_breakers = {.max_connections = kUnlimited,
                               .max_pending_requests = kUnlimited,
                               .max_requests = kUnlimited,
                               .max_retries = kUnlimited,
                               .retry_budget = {}};
  resource::DnsDiscovery dns;
  dns.kind = resource::DnsDiscovery::Kind::kLogical;
  dns.respect_ttl = true;
  dns.refresh_rate = absl::Seconds(30);
  dns.localities.emplace_back();
  dns.localities[0].names.push_back({.host = std::move(host), .port = port});
  cluster->discovery = std::move(dns);
  return cluster;
}

}  // namespace

HostNode::HostNode(std::string host, uint16_t port, const Sources& sources,
                   absl::AnyInvocable<void()> changed)
    : cluster_(DirectCluster(std::move(host), port)),
      registry_(cluster_->name),
      source_(*cluster_, sources, std::move(changed)) {}

bool HostNode::Update() {
  const auto& endpoints = source_.endpoints();
  if (endpoints == nullptr || endpoints == built_from_) return false;
  registry_.BeginBuild();
  auto picker = pick::BuildPicker(*cluster_, endpoints, registry_);
  registry_.EndBuild();
  auto entry = std::make_shared<ClusterEntry>();
  entry->cluster = cluster_;
  entry->picker = std::move(picker);
  entry->state = registry_.cluster();
  entry_ = std::move(entry);
  built_from_ = endpoints;
  return true;
}

}  // namespace meshlib::snapshot
