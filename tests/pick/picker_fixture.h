// SPDX-License-Identifier: Apache-2.0
// PickerFixture: Clusters and endpoints for the tests of pickers.

#ifndef MESHLIB_PICK_PICKER_FIXTURE_H_
#define MESHLIB_PICK_PICKER_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/random.h"
#include "pick/endpoint_registry.h"
#include "pick/picker.h"
#include "resource/cluster.h"
#include "resource/endpoint_set.h"

namespace meshlib::pick {

inline resource::Endpoint EndpointAt(int number, resource::Health health = {},
                                     uint32_t weight = 1) {
  resource::Endpoint endpoint;
  endpoint.address = *resource::Address::FromString("10.0.0." + std::to_string(number) + ":80");
  endpoint.health = health;
  endpoint.weight = weight;
  return endpoint;
}

// Endpoints are told by the last number of their address.
class PickerFixture : public testing::Test {
 protected:
  using Counts = std::map<int, int>;

  PickerFixture() {
    cluster_.name = resource::ClusterName("cart");
    set_.localities.emplace_back();
  }

  std::vector<resource::Endpoint>& endpoints() { return set_.localities[0].endpoints; }

  resource::Locality& AddLocality(std::string zone, uint32_t weight, uint32_t priority,
                                  std::vector<resource::Endpoint> endpoints) {
    return set_.localities.emplace_back(resource::Locality{.name = {"r", std::move(zone), ""},
                                                           .weight = weight,
                                                           .priority = priority,
                                                           .endpoints = std::move(endpoints)});
  }

  void Build() {
    registry_.BeginBuild();
    picker_ = BuildPicker(cluster_, std::make_shared<resource::EndpointSet>(set_), registry_);
    registry_.EndBuild();
    state_.reset();
  }

  PickResult Pick(std::vector<const EndpointState*> previous = {}, uint32_t max_reselects = 0) {
    return picker_->Pick({.random = random_,
                          .state = state_,
                          .previous = previous,
                          .max_reselects = max_reselects,
                          .is_retry = !previous.empty()});
  }

  static int Number(const PickResult& result) {
    const auto* picked = std::get_if<Picked>(&result);
    return picked == nullptr ? -1 : picked->endpoint->address().ip_bytes()[3];
  }

  Counts PickMany(int times) {
    Counts counts;
    for (int i = 0; i < times; ++i) ++counts[Number(Pick())];
    return counts;
  }

  EndpointState& State(int number) { return *registry_.Get(EndpointAt(number).address); }

  resource::Cluster cluster_;
  resource::EndpointSet set_;
  EndpointRegistry registry_{resource::ClusterName("cart")};
  base::Random random_{7};
  std::unique_ptr<PickState> state_;
  std::shared_ptr<const Picker> picker_;
};

}  // namespace meshlib::pick

#endif  // MESHLIB_PICK_PICKER_FIXTURE_H_
