// SPDX-License-Identifier: Apache-2.0
// EndpointState and ClusterState: what Calls have done to an endpoint and a cluster so far.
//
// They live in a registry on the control thread, keyed by cluster and address, and are carried over
// from snapshot to snapshot. Loops touch only their atomics.

#ifndef MESHLIB_PICK_ENDPOINT_STATE_H_
#define MESHLIB_PICK_ENDPOINT_STATE_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "resource/address.h"
#include "resource/names.h"

namespace meshlib::pick {

// Thread-safe.
class EndpointState final {
 public:
  explicit EndpointState(resource::Address address) : address_(std::move(address)) {}
  EndpointState(const EndpointState&) = delete;
  EndpointState& operator=(const EndpointState&) = delete;

  const resource::Address& address() const { return address_; }

  // Attempts under way, over all loops.
  std::atomic<uint32_t> active_requests{0};
  // Connections to it, over all loops.
  std::atomic<uint32_t> connections{0};
  // No snapshot lists it any more: idle connections to it are to be closed.
  std::atomic<bool> withdrawn{false};

 private:
  const resource::Address address_;
};

// The counters that circuit breakers compare with their limits. Thread-safe.
class ClusterState final {
 public:
  explicit ClusterState(resource::ClusterName name) : name_(std::move(name)) {}
  ClusterState(const ClusterState&) = delete;
  ClusterState& operator=(const ClusterState&) = delete;

  const resource::ClusterName& name() const { return name_; }

  std::atomic<uint32_t> active_requests{0};
  std::atomic<uint32_t> pending_requests{0};
  std::atomic<uint32_t> connections{0};
  std::atomic<uint32_t> active_retries{0};

 private:
  const resource::ClusterName name_;
};

}  // namespace meshlib::pick

#endif  // MESHLIB_PICK_ENDPOINT_STATE_H_
