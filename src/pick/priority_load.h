// SPDX-License-Identifier: Apache-2.0
// PriorityLoad: how the load spreads over priorities, by how healthy they are.

#ifndef MESHLIB_PICK_PRIORITY_LOAD_H_
#define MESHLIB_PICK_PRIORITY_LOAD_H_

#include <cstdint>
#include <span>
#include <vector>

namespace meshlib::pick {

// How many endpoints a priority has, all and by health. A value.
struct PriorityHealth {
  uint64_t total = 0;
  uint64_t healthy = 0;
  uint64_t degraded = 0;
  friend bool operator==(const PriorityHealth&, const PriorityHealth&) = default;
};

// In percent of all picks: to the healthy and to the degraded endpoints of a priority. All of a
// cluster's add up to 100. A value.
struct PriorityLoad {
  uint32_t healthy = 0;
  uint32_t degraded = 0;
  bool panic = false;  // the load goes to all endpoints, whatever their health
  friend bool operator==(const PriorityLoad&, const PriorityLoad&) = default;
};

// Envoy's LoadBalancerBase: each priority is as available as its healthy part times the
// overprovisioning factor, at most 100; the load goes to the first priorities as far as they are
// available, healthy endpoints before degraded ones, scaled up when all together are available for
// less than 100. Then a priority whose healthy and degraded part is below `panic_percent` panics;
// when all do, the load follows the numbers of endpoints. `panic_percent` 0: nothing panics.
// REQUIRES: priorities is not empty.
std::vector<PriorityLoad> DistributeLoad(std::span<const PriorityHealth> priorities,
                                         uint32_t overprovisioning_percent, double panic_percent);

}  // namespace meshlib::pick

#endif  // MESHLIB_PICK_PRIORITY_LOAD_H_
