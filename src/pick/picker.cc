// SPDX-License-Identifier: Apache-2.0
#include "pick/picker.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "pick/edf_schedule.h"
#include "pick/endpoint_table.h"

namespace meshlib::pick {
namespace {

using resource::Health;
using resource::LbPolicy;

// So many picks at most are made up at the start of a schedule, to spread loops over it.
constexpr uint64_t kMaxHeadStart = 1u << 20;

class WaitingPicker final : public Picker {
 public:
  PickResult Pick(const PickArgs&) const override { return PickWait{}; }
  std::vector<ExplainedEndpoint> Explain() const override { return {}; }
};

// One loop's place in every rotation and schedule of a Picker.
class Rotations final : public PickState {
 public:
  struct Group {
    std::optional<uint64_t> next;
    EdfSchedule schedule;
  };
  Rotations(size_t groups, size_t sources) : groups_(groups), localities_(sources) {}

  Group& group(uint32_t id) { return groups_[id]; }
  EdfSchedule& localities(uint32_t source) { return localities_[source]; }

 private:
  std::vector<Group> groups_;
  std::vector<EdfSchedule> localities_;
};

const char* HealthWord(Health health) {
  switch (health) {
    case Health::kHealthy:
      return "healthy";
    case Health::kDegraded:
      return "degraded";
    case Health::kUnhealthy:
      return "unhealthy";
    case Health::kDraining:
      return "draining";
  }
  return "unknown";
}

// Empty where the control plane gave none.
std::string NameOf(const resource::LocalityName& name) {
  return name == resource::LocalityName() ? "" : name.ToString();
}

// `cluster "cart": no healthy endpoint (3 unhealthy, 1 draining)`
std::string NoEndpointReason(const std::string& cluster, const resource::EndpointSet& set) {
  size_t counts[4] = {};
  for (const resource::Locality& locality : set.localities) {
    for (const resource::Endpoint& endpoint : locality.endpoints) {
      ++counts[static_cast<size_t>(endpoint.health)];
    }
  }
  std::string parts;
  for (Health health : {Health::kUnhealthy, Health::kDraining}) {
    const size_t count = counts[static_cast<size_t>(health)];
    if (count == 0) continue;
    absl::StrAppend(&parts, parts.empty() ? "" : ", ", count, " ", HealthWord(health));
  }
  if (parts.empty()) return absl::StrCat("cluster \"", cluster, "\": no endpoint");
  return absl::StrCat("cluster \"", cluster, "\": no healthy endpoint (", parts, ")");
}

class TablePicker final : public Picker {
 public:
  TablePicker(const resource::Cluster& cluster,
              std::shared_ptr<const resource::EndpointSet> endpoints, EndpointStates& states)
      : cluster_name_(cluster.name.value),
        policy_(cluster.lb_policy),
        choices_(std::max(1u, cluster.least_request_choices)),
        bias_(cluster.active_request_bias),
        set_(std::move(endpoints)),
        table_(BuildEndpointTable(cluster, *set_, states)),
        no_endpoint_(NoEndpointReason(cluster_name_, *set_)) {}

  PickResult Pick(const PickArgs& args) const override;
  std::vector<ExplainedEndpoint> Explain() const override;

 private:
  std::optional<uint32_t> PickOnce(base::Random& random, Rotations& rotations) const;
  const EndpointSource& ChooseSource(base::Random& random) const;
  const EndpointGroup& ChooseGroup(const EndpointSource& source, base::Random& random,
                                   Rotations& rotations) const;
  uint32_t LeastLoaded(const EndpointGroup& group, base::Random& random) const;
  uint32_t NextInTurn(const EndpointGroup& group, base::Random& random, Rotations& rotations) const;
  double Weight(uint32_t endpoint) const;
  Picked Result(uint32_t endpoint) const;
  std::string WhyNot(const resource::Locality& locality, const resource::Endpoint& endpoint) const;

  const std::string cluster_name_;
  const LbPolicy policy_;
  const uint32_t choices_;
  const double bias_;
  const std::shared_ptr<const resource::EndpointSet> set_;
  const EndpointTable table_;
  const std::string no_endpoint_;
};

PickResult TablePicker::Pick(const PickArgs& args) const {
  if (!args.is_retry) {
    for (const resource::DropOverload& drop : set_->drops) {
      if (args.random.Below(1'000'000) < drop.per_million) return PickDrop{&drop.category};
    }
  }
  if (args.state == nullptr) {
    args.state = std::make_unique<Rotations>(table_.group_count, table_.sources.size());
  }
  Rotations& rotations = static_cast<Rotations&>(*args.state);
  std::optional<uint32_t> choice;
  for (uint32_t tries = 0; tries <= args.max_reselects; ++tries) {
    choice = PickOnce(args.random, rotations);
    if (!choice.has_value()) return PickFail{&no_endpoint_};
    const EndpointState* state = table_.states[*choice].get();
    if (std::find(args.previous.begin(), args.previous.end(), state) == args.previous.end()) break;
  }
  return Result(*choice);
}

std::optional<uint32_t> TablePicker::PickOnce(base::Random& random, Rotations& rotations) const {
  const EndpointGroup& group = ChooseGroup(ChooseSource(random), random, rotations);
  if (group.members.empty()) return std::nullopt;
  switch (policy_) {
    case LbPolicy::kRoundRobin:
      return NextInTurn(group, random, rotations);
    case LbPolicy::kLeastRequest:
      return group.weighted ? NextInTurn(group, random, rotations) : LeastLoaded(group, random);
    case LbPolicy::kRandom:
    case LbPolicy::kRingHash:
    case LbPolicy::kMaglev:
      return group.members[random.Below(group.members.size())];
  }
  return std::nullopt;
}

const EndpointSource& TablePicker::ChooseSource(base::Random& random) const {
  if (table_.sources.size() == 1) return table_.sources.front();
  const uint64_t draw = random.Below(100) + 1;
  for (const EndpointSource& source : table_.sources) {
    if (draw <= source.up_to) return source;
  }
  return table_.sources.back();
}

const EndpointGroup& TablePicker::ChooseGroup(const EndpointSource& source, base::Random& random,
                                              Rotations& rotations) const {
  if (source.groups.size() == 1) return source.groups.front();
  const auto weight = [&source](uint32_t group) { return source.group_weights[group]; };
  EdfSchedule& schedule = rotations.localities(source.id);
  if (schedule.empty()) {
    schedule.Build(source.groups.size(), random.Below(kMaxHeadStart), weight);
  }
  return source.groups[schedule.Next(weight)];
}

// Of N random endpoints the one with the fewest active requests, the first drawn if equal.
uint32_t TablePicker::LeastLoaded(const EndpointGroup& group, base::Random& random) const {
  uint32_t best = group.members[random.Below(group.members.size())];
  uint32_t fewest = table_.states[best]->active_requests.load(std::memory_order_relaxed);
  for (uint32_t i = 1; i < choices_; ++i) {
    const uint32_t other = group.members[random.Below(group.members.size())];
    const uint32_t active = table_.states[other]->active_requests.load(std::memory_order_relaxed);
    if (active >= fewest) continue;
    best = other;
    fewest = active;
  }
  return best;
}

uint32_t TablePicker::NextInTurn(const EndpointGroup& group, base::Random& random,
                                 Rotations& rotations) const {
  Rotations::Group& rotation = rotations.group(group.id);
  if (!group.weighted) {
    if (!rotation.next.has_value()) rotation.next = random.Below(group.members.size());
    const uint32_t endpoint = group.members[*rotation.next];
    rotation.next = *rotation.next + 1 == group.members.size() ? 0 : *rotation.next + 1;
    return endpoint;
  }
  const auto weight = [this, &group](uint32_t member) { return Weight(group.members[member]); };
  if (rotation.schedule.empty()) {
    rotation.schedule.Build(group.members.size(), random.Below(kMaxHeadStart), weight);
  }
  return group.members[rotation.schedule.Next(weight)];
}

double TablePicker::Weight(uint32_t endpoint) const {
  const double weight = table_.endpoints[endpoint]->weight;
  if (policy_ != LbPolicy::kLeastRequest || bias_ == 0) return weight;
  const double active =
      1.0 + table_.states[endpoint]->active_requests.load(std::memory_order_relaxed);
  return weight / (bias_ == 1.0 ? active : std::pow(active, bias_));
}

Picked TablePicker::Result(uint32_t endpoint) const {
  const resource::Endpoint& picked = *table_.endpoints[endpoint];
  const bool has_name = picked.details != nullptr && !picked.details->hostname.empty();
  const bool has_more = picked.details != nullptr && !picked.details->more_addresses.empty();
  return {.endpoint = table_.states[endpoint].get(),
          .tls_mode = picked.tls_mode,
          .hostname = has_name ? &picked.details->hostname : nullptr,
          .more_addresses = has_more ? &picked.details->more_addresses : nullptr,
          .owner = &table_.states[endpoint]};
}

std::vector<ExplainedEndpoint> TablePicker::Explain() const {
  std::vector<bool> candidates(table_.endpoints.size());
  for (const EndpointSource& source : table_.sources) {
    for (const EndpointGroup& group : source.groups) {
      for (uint32_t member : group.members) candidates[member] = true;
    }
  }
  std::vector<ExplainedEndpoint> explained;
  explained.reserve(table_.endpoints.size());
  for (const resource::Locality& locality : set_->localities) {
    for (const resource::Endpoint& endpoint : locality.endpoints) {
      const bool candidate = candidates[explained.size()];
      explained.push_back(
          {.cluster = cluster_name_,
           .address = endpoint.address.ToString(),
           .locality = NameOf(locality.name),
           .priority = locality.priority,
           .weight = endpoint.weight,
           .candidate = candidate,
           .why_not = candidate ? "" : WhyNot(locality, endpoint),
           .tls_mode = endpoint.tls_mode == resource::TlsMode::kIstio ? "istio" : "",
           .security = {}});
    }
  }
  return explained;
}

std::string TablePicker::WhyNot(const resource::Locality& locality,
                                const resource::Endpoint& endpoint) const {
  if (endpoint.health == Health::kUnhealthy || endpoint.health == Health::kDraining) {
    return HealthWord(endpoint.health);
  }
  if (table_.priority_percent[locality.priority] == 0) {
    return absl::StrCat("priority ", locality.priority, " is not used");
  }
  if (endpoint.health == Health::kDegraded) return "degraded, and healthy endpoints suffice";
  return "its locality has no weight";
}

}  // namespace

std::shared_ptr<const Picker> BuildPicker(const resource::Cluster& cluster,
                                          std::shared_ptr<const resource::EndpointSet> endpoints,
                                          EndpointStates& states) {
  if (endpoints == nullptr) return std::make_shared<WaitingPicker>();
  return std::make_shared<TablePicker>(cluster, std::move(endpoints), states);
}

}  // namespace meshlib::pick
