// SPDX-License-Identifier: Apache-2.0
#include "pick/priority_load.h"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace meshlib::pick {
namespace {

struct Availability {
  uint32_t healthy = 0;
  uint32_t degraded = 0;
};

uint32_t AvailablePercent(uint64_t part, uint64_t total, uint32_t overprovisioning_percent) {
  if (total == 0) return 0;
  return static_cast<uint32_t>(std::min<uint64_t>(100, part * overprovisioning_percent / total));
}

// Gives out `left` percent by one kind of availability; returns the first priority that has any.
std::optional<size_t> Spread(const std::vector<Availability>& available,
                             uint32_t Availability::*availability, uint32_t total_available,
                             std::vector<PriorityLoad>& loads, uint32_t PriorityLoad::*load,
                             uint32_t& left) {
  std::optional<size_t> first;
  for (size_t i = 0; i < available.size(); ++i) {
    const uint32_t percent = available[i].*availability;
    if (!first.has_value() && percent > 0) first = i;
    loads[i].*load = std::min(left, percent * 100 / total_available);
    left -= loads[i].*load;
  }
  return first;
}

void SpreadByAvailability(const std::vector<Availability>& available, uint32_t total_available,
                          std::vector<PriorityLoad>& loads) {
  uint32_t left = 100;
  const std::optional<size_t> first_healthy = Spread(
      available, &Availability::healthy, total_available, loads, &PriorityLoad::healthy, left);
  const std::optional<size_t> first_degraded = Spread(
      available, &Availability::degraded, total_available, loads, &PriorityLoad::degraded, left);
  // What is left comes from rounding.
  if (first_healthy.has_value()) {
    loads[*first_healthy].healthy += left;
  } else if (first_degraded.has_value()) {
    loads[*first_degraded].degraded += left;
  }
}

bool Panics(const PriorityHealth& health, uint32_t threshold) {
  if (health.total == 0) return threshold > 0;
  const double available = 100.0 * static_cast<double>(health.healthy + health.degraded) /
                           static_cast<double>(health.total);
  return available < threshold;
}

// Total panic: by the number of endpoints.
void SpreadByCount(std::span<const PriorityHealth> priorities, std::vector<PriorityLoad>& loads) {
  uint64_t all = 0;
  for (const PriorityHealth& health : priorities) all += health.total;
  if (all == 0) {
    loads[0].healthy = 100;
    return;
  }
  uint32_t left = 100;
  std::optional<size_t> first;
  for (size_t i = 0; i < priorities.size(); ++i) {
    if (!first.has_value() && priorities[i].total > 0) first = i;
    loads[i].healthy = static_cast<uint32_t>(100 * priorities[i].total / all);
    loads[i].degraded = 0;
    left -= loads[i].healthy;
  }
  loads[*first].healthy += left;
}

}  // namespace

std::vector<PriorityLoad> DistributeLoad(std::span<const PriorityHealth> priorities,
                                         uint32_t overprovisioning_percent, double panic_percent) {
  std::vector<PriorityLoad> loads(priorities.size());
  std::vector<Availability> available;
  uint32_t total_available = 0;
  for (const PriorityHealth& health : priorities) {
    available.push_back(
        {AvailablePercent(health.healthy, health.total, overprovisioning_percent),
         AvailablePercent(health.degraded, health.total, overprovisioning_percent)});
    total_available += available.back().healthy + available.back().degraded;
  }
  total_available = std::min(100u, total_available);
  if (total_available > 0) SpreadByAvailability(available, total_available, loads);

  const auto threshold = static_cast<uint32_t>(std::clamp(panic_percent, 0.0, 100.0));
  if (threshold == 0 && total_available == 0) {
    loads[0].healthy = 100;  // picks fail there
    return loads;
  }
  bool total_panic = true;
  for (size_t i = 0; i < priorities.size(); ++i) {
    loads[i].panic = total_available < 100 && Panics(priorities[i], threshold);
    total_panic = total_panic && loads[i].panic;
  }
  if (total_panic) SpreadByCount(priorities, loads);
  return loads;
}

}  // namespace meshlib::pick
