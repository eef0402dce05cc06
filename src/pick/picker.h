// SPDX-License-Identifier: Apache-2.0
// Picker: which endpoint serves this Attempt?

#ifndef MESHLIB_PICK_PICKER_H_
#define MESHLIB_PICK_PICKER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/random.h"
#include "meshlib/explain.h"
#include "pick/endpoint_state.h"
#include "resource/cluster.h"
#include "resource/endpoint_set.h"

namespace meshlib::pick {

// What a Picker remembers on one loop between picks (positions, schedules). Loop-bound.
class PickState {
 public:
  virtual ~PickState() = default;
};

struct PickArgs {
  base::Random& random;
  // The loop's memory for this Picker; starts null, and must be reset when the Picker is replaced.
  std::unique_ptr<PickState>& state;
  // Endpoints that earlier Attempts of the Call used; avoided as far as `max_reselects` picks go
  // (Envoy's previous_hosts predicate and host_selection_retry_max_attempts).
  std::span<const EndpointState* const> previous;
  uint32_t max_reselects = 0;
  // A later Attempt of the Call: drop_overloads is decided once, for the first (Envoy).
  bool is_retry = false;
};

// The endpoint lives as long as the Picker.
struct Picked {
  EndpointState* endpoint = nullptr;
  resource::TlsMode tls_mode = resource::TlsMode::kDisabled;
  const std::string* hostname = nullptr;  // of DNS endpoints; null: none
  // Other ways to the same endpoint; null: none. As long as the Picker.
  const std::vector<resource::Address>* more_addresses = nullptr;
  // Where the Picker holds the endpoint: copied by whoever needs it for longer than the Picker.
  const std::shared_ptr<EndpointState>* owner = nullptr;
};
struct PickWait {};  // endpoints have not arrived yet (a DNS name that is not resolved yet)
struct PickFail {
  const std::string* reason;  // lives as long as the Picker
};
struct PickDrop {
  const std::string* category;  // lives as long as the Picker
};
using PickResult = std::variant<Picked, PickWait, PickFail, PickDrop>;

// Immutable; share freely.
class Picker {
 public:
  virtual ~Picker() = default;
  // No allocation but for the first pick on a loop (`args.state`).
  virtual PickResult Pick(const PickArgs& args) const = 0;
  // Every endpoint with whether it is a candidate, and why not.
  virtual std::vector<ExplainedEndpoint> Explain() const = 0;
};

// Finds or makes the EndpointState of an address; implemented by EndpointRegistry, one per cluster.
class EndpointStates {
 public:
  virtual ~EndpointStates() = default;
  virtual std::shared_ptr<EndpointState> Get(const resource::Address& address) = 0;
};

// Builds the Picker for a Cluster and its endpoints: panic threshold, priorities, localities, drops
// and lb_policy as Envoy does it. `endpoints` null: a Picker that waits. Control thread only.
std::shared_ptr<const Picker> BuildPicker(const resource::Cluster& cluster,
                                          std::shared_ptr<const resource::EndpointSet> endpoints,
                                          EndpointStates& states);

}  // namespace meshlib::pick

#endif  // MESHLIB_PICK_PICKER_H_
