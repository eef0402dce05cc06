// SPDX-License-Identifier: Apache-2.0
#include "translate/destination_rule_index.h"

#include <algorithm>
#include <set>

#include "translate/host_name.h"

namespace meshlib::translate {
namespace {

using manifest::DestinationRule;
using manifest::TrafficPolicy;

std::set<std::string> ExportSet(const DestinationRule& rule) {
  if (rule.workload_selector) return {"."};  // never for other namespaces
  return {rule.export_to.begin(), rule.export_to.end()};
}

bool IsLocal(const DestinationRule& rule) {
  const std::set<std::string> to = ExportSet(rule);
  return to.empty() || to.contains("*") || to.contains(".") || to.contains(rule.meta.name_space);
}

bool IsPrivate(const DestinationRule& rule) {
  const std::set<std::string> to = ExportSet(rule);
  return to.size() == 1 && (to.contains(".") || to.contains(rule.meta.name_space));
}

bool MayMerge(const DestinationRule& a, const DestinationRule& b) {
  return ExportSet(a) == ExportSet(b) && a.workload_selector == b.workload_selector;
}

void MergeInto(DestinationRule& merged, const DestinationRule& rule) {
  for (const manifest::Subset& subset : rule.subsets) {
    const bool known = std::any_of(merged.subsets.begin(), merged.subsets.end(),
                                   [&](const auto& other) { return other.name == subset.name; });
    if (known) continue;
    merged.subsets.push_back(subset);
    merged.subsets.back().position = {};
  }
  if (!merged.traffic_policy) merged.traffic_policy = rule.traffic_policy;
}

// The rules of the longest host that covers `host`.
template <typename RulesByHost>
const std::vector<DestinationRule>* MostSpecific(const RulesByHost& rules,
                                                 const std::string& host) {
  if (const auto exact = rules.find(host); exact != rules.end()) return &exact->second;
  const std::vector<DestinationRule>* best = nullptr;
  size_t best_length = 0;
  for (const auto& [candidate, list] : rules) {
    if (!IsWildcard(candidate) || !HostIsWithin(host, candidate)) continue;
    if (best == nullptr || candidate.size() > best_length) {
      best = &list;
      best_length = candidate.size();
    }
  }
  return best;
}

const DestinationRule* ForClient(const std::vector<DestinationRule>& rules,
                                 const NodeClass& client) {
  const DestinationRule* for_all = nullptr;
  for (const DestinationRule& rule : rules) {
    if (!rule.workload_selector) {
      for_all = &rule;
    } else if (LabelsMatch(*rule.workload_selector, client.labels)) {
      return &rule;
    }
  }
  return for_all;
}

TrafficPolicy FromPort(const manifest::PortTrafficPolicy& port) {
  TrafficPolicy policy;
  policy.load_balancer = port.load_balancer;
  policy.connection_pool = port.connection_pool;
  policy.outlier_detection = port.outlier_detection;
  policy.tls = port.tls;
  return policy;
}

const manifest::PortTrafficPolicy* FindPort(const std::optional<TrafficPolicy>& policy,
                                            uint32_t port) {
  if (!policy) return nullptr;
  for (const manifest::PortTrafficPolicy& settings : policy->port_level_settings) {
    if (settings.port == port) return &settings;
  }
  return nullptr;
}

const manifest::ConsistentHash* HashIn(const std::optional<manifest::LoadBalancer>& balancer) {
  return balancer ? std::get_if<manifest::ConsistentHash>(&balancer->policy) : nullptr;
}

const manifest::ConsistentHash* HashForPort(const std::optional<TrafficPolicy>& policy,
                                            std::optional<uint32_t> port) {
  const auto* settings = port ? FindPort(policy, *port) : nullptr;
  return settings != nullptr ? HashIn(settings->load_balancer) : nullptr;
}

}  // namespace

DestinationRuleIndex::DestinationRuleIndex(const manifest::Manifest& manifest) {
  std::vector<const DestinationRule*> sorted;
  for (const DestinationRule& rule : manifest.destination_rules) sorted.push_back(&rule);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const DestinationRule* a, const DestinationRule* b) {
                     if (a->workload_selector.has_value() != b->workload_selector.has_value()) {
                       return a->workload_selector.has_value();
                     }
                     return manifest::IsOlder(a->meta, b->meta);
                   });
  for (const DestinationRule* rule : sorted) {
    Namespace& space = namespaces_[rule->meta.name_space];
    if (IsLocal(*rule)) Add(*rule, space.local);
    Add(*rule, IsPrivate(*rule) ? space.private_only : space.exported);
  }
}

void DestinationRuleIndex::Add(const DestinationRule& rule, std::map<std::string, Rules>& rules) {
  Rules& same_host = rules[ExpandHost(rule.host, rule.meta.name_space)];
  for (DestinationRule& other : same_host) {
    if (!MayMerge(other, rule)) continue;
    MergeInto(other, rule);
    return;
  }
  same_host.push_back(rule);
}

const DestinationRule* DestinationRuleIndex::Find(const NodeClass& client,
                                                  const MeshService& service) const {
  if (const auto local = namespaces_.find(client.name_space); local != namespaces_.end()) {
    // What the root namespace exports is meant for everybody: for clients there it must not hide
    // the service's own rule.
    const auto& own =
        client.name_space == kRootNamespace ? local->second.private_only : local->second.local;
    if (const Rules* rules = MostSpecific(own, service.host)) return ForClient(*rules, client);
  }
  for (const std::string& owner : {service.name_space, std::string(kRootNamespace)}) {
    const auto space = namespaces_.find(owner);
    if (space == namespaces_.end()) continue;
    const Rules* rules = MostSpecific(space->second.exported, service.host);
    if (rules == nullptr) continue;
    const DestinationRule* last = nullptr;
    for (const DestinationRule& rule : *rules) {
      if (IsExported(rule.export_to, owner, client.name_space)) last = &rule;
    }
    if (last != nullptr) return last;
  }
  return nullptr;
}

TrafficPolicy PolicyForPort(const std::optional<TrafficPolicy>& policy, uint32_t port) {
  if (const auto* settings = FindPort(policy, port)) return FromPort(*settings);
  return policy.value_or(TrafficPolicy());
}

TrafficPolicy PolicyForSubset(const DestinationRule& rule, const manifest::Subset& subset,
                              uint32_t port) {
  if (!subset.traffic_policy) return PolicyForPort(rule.traffic_policy, port);
  TrafficPolicy own = PolicyForPort(subset.traffic_policy, port);
  if (!rule.traffic_policy) return own;

  TrafficPolicy merged = PolicyForPort(rule.traffic_policy, port);
  const bool whole = FindPort(subset.traffic_policy, port) != nullptr;
  if (whole || own.load_balancer) merged.load_balancer = own.load_balancer;
  if (whole || own.connection_pool) merged.connection_pool = own.connection_pool;
  if (whole || own.outlier_detection) merged.outlier_detection = own.outlier_detection;
  if (whole || own.tls) merged.tls = own.tls;
  if (own.retry_budget) merged.retry_budget = own.retry_budget;
  merged.has_tunnel |= own.has_tunnel;
  merged.has_proxy_protocol |= own.has_proxy_protocol;
  return merged;
}

manifest::TrafficPolicy PolicyOf(const manifest::DestinationRule* rule,
                                 const manifest::Subset* subset, uint32_t port) {
  if (rule == nullptr) return {};
  return subset != nullptr ? PolicyForSubset(*rule, *subset, port)
                           : PolicyForPort(rule->traffic_policy, port);
}

const manifest::ConsistentHash* HashOf(const DestinationRule& rule, const std::string& subset,
                                       std::optional<uint32_t> port) {
  const std::optional<TrafficPolicy> none;
  const std::optional<TrafficPolicy>* of_subset = &none;
  for (const manifest::Subset& candidate : rule.subsets) {
    if (candidate.name == subset) of_subset = &candidate.traffic_policy;
  }
  if (const auto* hash = HashForPort(*of_subset, port)) return hash;
  if (of_subset->has_value()) {
    if (const auto* hash = HashIn((*of_subset)->load_balancer)) return hash;
  }
  if (const auto* hash = HashForPort(rule.traffic_policy, port)) return hash;
  return rule.traffic_policy ? HashIn(rule.traffic_policy->load_balancer) : nullptr;
}

}  // namespace meshlib::translate
