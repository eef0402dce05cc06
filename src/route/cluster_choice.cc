// SPDX-License-Identifier: Apache-2.0
#include "route/cluster_choice.h"

#include <optional>

#include "absl/strings/numbers.h"
#include "base/string_view.h"
#include "route/header_match.h"

namespace meshlib::route {
namespace {

using resource::ClusterHeader;
using resource::ClusterName;
using resource::ForwardAction;
using resource::WeightedClusters;

// The random value that the request brings along: one field, a decimal number.
std::optional<uint64_t> RandomOf(const RequestHead& head, const std::string& name) {
  std::optional<std::string_view> value;
  for (size_t i = 0; i < head.headers->size(); ++i) {
    const Headers::Field field = head.headers->at(i);
    if (field.name != name) continue;
    if (value) return std::nullopt;
    value = field.value;
  }
  uint64_t number = 0;
  if (!value || !absl::SimpleAtoi(base::AbslView(*value), &number)) return std::nullopt;
  return number;
}

size_t ChooseWeighted(const WeightedClusters& weighted, const RequestHead& head, uint64_t random) {
  if (weighted.random_value_header) {
    random = RandomOf(head, *weighted.random_value_header).value_or(random);
  }
  uint64_t rest = random % weighted.total_weight;
  size_t n = 0;
  while (n + 1 < weighted.clusters.size() && rest >= weighted.clusters[n].weight) {
    rest -= weighted.clusters[n].weight;
    ++n;
  }
  return n;
}

}  // namespace

ClusterChoice ChooseCluster(const CompiledRoute& route, const RequestHead& head, uint64_t random) {
  const auto& action = std::get<ForwardAction>(route.route->action);
  if (const auto* name = std::get_if<ClusterName>(&action.cluster)) {
    return {.name = name->value, .index = route.clusters[0]};
  }
  if (const auto* header = std::get_if<ClusterHeader>(&action.cluster)) {
    return {.name = FirstValue(head, header->name).value_or(std::string_view())};
  }
  const auto& weighted = std::get<WeightedClusters>(action.cluster);
  const size_t n = ChooseWeighted(weighted, head, random);
  return {.name = weighted.clusters[n].name.value,
          .index = route.clusters[n],
          .weighted = &weighted.clusters[n]};
}

}  // namespace meshlib::route
