// SPDX-License-Identifier: Apache-2.0
#include "translate/locality_groups.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/str_split.h"

namespace meshlib::translate {
namespace {

using manifest::LocalityLbSetting;
using Labels = std::map<std::string, std::string>;
using Parts = std::array<std::string, 3>;  // region, zone, subzone

Parts PartsOf(const std::string& locality) {
  Parts parts;
  const std::vector<std::string> split = absl::StrSplit(locality, absl::MaxSplits('/', 2));
  std::copy(split.begin(), split.end(), parts.begin());
  return parts;
}

// "us-east/*": what is left out is not looked at.
bool Matches(const std::string& locality, const std::string& rule) {
  const Parts is = PartsOf(locality);
  const Parts wanted = PartsOf(rule);
  for (size_t i = 0; i < is.size(); ++i) {
    const bool any = wanted[i] == "*" || (i > 0 && wanted[i].empty());
    if (!any && wanted[i] != is[i]) return false;
  }
  return true;
}

void Distribute(const LocalityLbSetting::Distribute& to, std::vector<LocalityGroup>& groups) {
  std::set<LocalityGroup*> left;
  for (LocalityGroup& group : groups) left.insert(&group);
  for (const auto& [rule, percent] : to.to) {
    std::vector<LocalityGroup*> named;
    uint64_t total = 0;
    for (LocalityGroup& group : groups) {
      if (!left.contains(&group) || !Matches(group.locality, rule)) continue;
      left.erase(&group);
      named.push_back(&group);
      total += group.weight;
    }
    for (LocalityGroup* group : named) {
      if (group->weight == 0 || percent == 0) continue;
      const double share = static_cast<double>(group->weight) / static_cast<double>(total);
      group->weight = static_cast<uint32_t>(std::ceil(share * percent));
    }
  }
  for (LocalityGroup* group : left) group->endpoints.clear();
}

uint32_t Distance(const Parts& client, const Parts& endpoint) {
  for (size_t i = 0; i < client.size(); ++i) {
    if (client[i] != endpoint[i]) return static_cast<uint32_t>(client.size() - i);
  }
  return 0;
}

// From 0 up without a gap, as Envoy wants them.
void CloseGaps(std::vector<LocalityGroup>& groups) {
  std::map<uint32_t, uint32_t> ranks;
  for (const LocalityGroup& group : groups) ranks[group.priority] = 0;
  uint32_t next = 0;
  for (auto& [priority, rank] : ranks) rank = next++;
  for (LocalityGroup& group : groups) group.priority = ranks[group.priority];
}

// The nearer first; of other regions that which `failover` names.
void FailOver(const std::vector<LocalityLbSetting::Failover>& failover, const std::string& locality,
              std::vector<LocalityGroup>& groups) {
  constexpr uint32_t kOtherRegion = 3;
  constexpr uint32_t kSteps = 5;
  const Parts client = PartsOf(locality);
  const auto named = std::find_if(failover.begin(), failover.end(),
                                  [&](const auto& each) { return each.from == client.front(); });
  for (LocalityGroup& group : groups) {
    const Parts parts = PartsOf(group.locality);
    uint32_t distance = Distance(client, parts);
    const bool elsewhere = named != failover.end() && parts.front() != named->to;
    if (distance == kOtherRegion && elsewhere) ++distance;
    group.priority = group.priority * kSteps + distance;
  }
  CloseGaps(groups);
}

// With what Istio says about the place.
Labels WithTopology(Labels labels, const std::string& locality) {
  const Parts parts = PartsOf(locality);
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) labels.emplace(key, value);
  };
  add("topology.kubernetes.io/region", parts[0]);
  add("topology.kubernetes.io/zone", parts[1]);
  add("topology.istio.io/subzone", parts[2]);
  return labels;
}

std::string ValueOf(const Labels& labels, const std::string& key) {
  const auto found = labels.find(key);
  return found == labels.end() ? "" : found->second;
}

// As many places down as labels, counted from the first that differs. "key=value" asks for that
// value instead of the client's.
uint32_t LabelPriority(const std::vector<std::string>& order, const Labels& client,
                       const Labels& endpoint) {
  for (size_t i = 0; i < order.size(); ++i) {
    const size_t equals = order[i].find('=');
    const std::string key = order[i].substr(0, equals);
    const std::string wanted =
        equals == std::string::npos ? ValueOf(client, key) : order[i].substr(equals + 1);
    if (wanted != ValueOf(endpoint, key)) return static_cast<uint32_t>(order.size() - i);
  }
  return 0;
}

// Splits each locality by the priorities of its endpoints.
void PrioritizeByLabels(const std::vector<std::string>& order, const Labels& client,
                        std::vector<LocalityGroup>& groups) {
  std::vector<LocalityGroup> split;
  for (const LocalityGroup& group : groups) {
    std::map<uint32_t, LocalityGroup> parts;
    for (const MeshEndpoint* endpoint : group.endpoints) {
      const uint32_t priority =
          LabelPriority(order, client, WithTopology(endpoint->labels, endpoint->locality));
      LocalityGroup& part = parts[priority];
      part.locality = group.locality;
      part.priority = priority;
      part.weight += endpoint->weight;
      part.endpoints.push_back(endpoint);
    }
    for (auto& [priority, part] : parts) split.push_back(std::move(part));
  }
  groups = std::move(split);
  CloseGaps(groups);
}

}  // namespace

std::vector<LocalityGroup> GroupByLocality(const std::vector<MeshEndpoint>& endpoints) {
  std::map<std::string, LocalityGroup> by_name;
  for (const MeshEndpoint& endpoint : endpoints) {
    LocalityGroup& group = by_name[endpoint.locality];
    group.locality = endpoint.locality;
    group.weight += endpoint.weight;
    group.endpoints.push_back(&endpoint);
  }
  std::vector<LocalityGroup> groups;
  for (auto& [name, group] : by_name) groups.push_back(std::move(group));
  return groups;
}

void ApplyLocalityPolicy(const manifest::TrafficPolicy& policy, const std::string& locality,
                         const Labels& labels, std::vector<LocalityGroup>& groups) {
  // A mesh without settings of its own has locality load balancing enabled.
  LocalityLbSetting setting;
  if (policy.load_balancer && policy.load_balancer->locality_lb_setting) {
    setting = *policy.load_balancer->locality_lb_setting;
  }
  if (!setting.enabled.value_or(true)) return;
  if (!setting.distribute.empty()) {
    for (const LocalityLbSetting::Distribute& from : setting.distribute) {
      if (Matches(locality, from.from)) return Distribute(from, groups);
    }
    return;
  }
  // Without outlier detection no priority would ever fail.
  if (!policy.outlier_detection) return;
  const Labels client = WithTopology(labels, locality);
  const bool by_labels = !setting.failover_priority.empty();
  if (by_labels && !client.empty()) PrioritizeByLabels(setting.failover_priority, client, groups);
  if (!by_labels || !setting.failover.empty()) FailOver(setting.failover, locality, groups);
}

}  // namespace meshlib::translate
