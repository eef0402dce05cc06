// SPDX-License-Identifier: Apache-2.0
#include "pick/endpoint_table.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "pick/priority_load.h"

namespace meshlib::pick {
namespace {

using resource::Health;

enum class Want : uint8_t { kHealthy, kDegraded, kAll };

bool IsWanted(Health health, Want want) {
  if (want == Want::kAll) return true;
  return health == (want == Want::kHealthy ? Health::kHealthy : Health::kDegraded);
}

class TableBuilder final {
 public:
  TableBuilder(const resource::Cluster& cluster, const resource::EndpointSet& set,
               EndpointStates& states)
      : set_(set),
        locality_weighted_(cluster.locality_weighted),
        overprovisioning_percent_(
            cluster.overprovisioning_percent.value_or(set.overprovisioning_percent)) {
    AddEndpoints(states);
    const std::vector<PriorityLoad> loads =
        DistributeLoad(CountHealth(), overprovisioning_percent_, cluster.healthy_panic_percent);
    for (const PriorityLoad& load : loads) {
      table_.priority_percent.push_back(load.healthy + load.degraded);
    }
    for (size_t i = 0; i < loads.size(); ++i) {
      AddSource(i, loads[i].healthy, loads[i].panic ? Want::kAll : Want::kHealthy);
    }
    for (size_t i = 0; i < loads.size(); ++i) {
      AddSource(i, loads[i].degraded, loads[i].panic ? Want::kAll : Want::kDegraded);
    }
  }

  EndpointTable Take() { return std::move(table_); }

 private:
  void AddEndpoints(EndpointStates& states) {
    const size_t count = set_.endpoint_count();
    table_.states.reserve(count);
    table_.endpoints.reserve(count);
    for (const resource::Locality& locality : set_.localities) {
      first_.push_back(static_cast<uint32_t>(table_.endpoints.size()));
      for (const resource::Endpoint& endpoint : locality.endpoints) {
        table_.states.push_back(states.Get(endpoint.address));
        table_.endpoints.push_back(&endpoint);
      }
    }
  }

  std::vector<PriorityHealth> CountHealth() const {
    std::vector<PriorityHealth> counts(1);
    for (const resource::Locality& locality : set_.localities) {
      if (locality.priority >= counts.size()) counts.resize(locality.priority + 1);
      PriorityHealth& count = counts[locality.priority];
      count.total += locality.endpoints.size();
      for (const resource::Endpoint& endpoint : locality.endpoints) {
        count.healthy += endpoint.health == Health::kHealthy ? 1 : 0;
        count.degraded += endpoint.health == Health::kDegraded ? 1 : 0;
      }
    }
    return counts;
  }

  void AddSource(size_t priority, uint32_t percent, Want want) {
    if (percent == 0) return;
    EndpointSource source;
    taken_ += percent;
    source.up_to = taken_;
    source.id = static_cast<uint32_t>(table_.sources.size());
    if (locality_weighted_ && want != Want::kAll) AddLocalities(priority, want, source);
    if (source.groups.empty()) {
      EndpointGroup group;
      for (size_t i = 0; i < set_.localities.size(); ++i) {
        if (set_.localities[i].priority == priority) AddMembers(i, want, group);
      }
      Add(std::move(group), source);
    }
    if (source.groups.size() == 1) source.group_weights.clear();
    table_.sources.push_back(std::move(source));
  }

  // Envoy's LocalityWrr: weight times availability, which overprovisioning raises up to 1.
  void AddLocalities(size_t priority, Want want, EndpointSource& source) {
    for (size_t i = 0; i < set_.localities.size(); ++i) {
      const resource::Locality& locality = set_.localities[i];
      if (locality.priority != priority || locality.weight == 0) continue;
      EndpointGroup group;
      AddMembers(i, want, group);
      if (group.members.empty()) continue;
      const double available = static_cast<double>(group.members.size()) /
                               static_cast<double>(locality.endpoints.size());
      source.group_weights.push_back(locality.weight *
                                     std::min(1.0, overprovisioning_percent_ / 100.0 * available));
      Add(std::move(group), source);
    }
  }

  void AddMembers(size_t locality, Want want, EndpointGroup& group) const {
    const std::vector<resource::Endpoint>& endpoints = set_.localities[locality].endpoints;
    group.members.reserve(group.members.size() + endpoints.size());
    for (size_t i = 0; i < endpoints.size(); ++i) {
      if (!IsWanted(endpoints[i].health, want)) continue;
      group.members.push_back(first_[locality] + static_cast<uint32_t>(i));
    }
  }

  void Add(EndpointGroup group, EndpointSource& source) {
    group.id = table_.group_count++;
    group.weighted = std::any_of(group.members.begin(), group.members.end(), [&](uint32_t member) {
      return table_.endpoints[member]->weight != table_.endpoints[group.members[0]]->weight;
    });
    source.groups.push_back(std::move(group));
  }

  const resource::EndpointSet& set_;
  const bool locality_weighted_;
  const uint32_t overprovisioning_percent_;
  std::vector<uint32_t> first_;  // of each locality, its first endpoint
  uint32_t taken_ = 0;           // percent of the load that has a source
  EndpointTable table_;
};

}  // namespace

EndpointTable BuildEndpointTable(const resource::Cluster& cluster,
                                 const resource::EndpointSet& endpoints, EndpointStates& states) {
  return TableBuilder(cluster, endpoints, states).Take();
}

}  // namespace meshlib::pick
