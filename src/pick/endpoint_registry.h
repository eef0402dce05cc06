// SPDX-License-Identifier: Apache-2.0
// EndpointRegistry: keeps EndpointStates and the ClusterState from snapshot to snapshot.

#ifndef MESHLIB_PICK_ENDPOINT_REGISTRY_H_
#define MESHLIB_PICK_ENDPOINT_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "pick/endpoint_state.h"
#include "pick/picker.h"
#include "resource/address.h"
#include "resource/names.h"

namespace meshlib::pick {

// The states of one Cluster. Around each BuildPicker() of the Cluster:
//
//   registry.BeginBuild();
//   picker = BuildPicker(cluster, endpoints, registry);
//   registry.EndBuild();  // endpoints that the new Picker has not are withdrawn
//
// Destroying it withdraws all. Control thread only.
class EndpointRegistry final : public EndpointStates {
 public:
  explicit EndpointRegistry(resource::ClusterName name);
  ~EndpointRegistry() override;
  EndpointRegistry(const EndpointRegistry&) = delete;
  EndpointRegistry& operator=(const EndpointRegistry&) = delete;

  std::shared_ptr<EndpointState> Get(const resource::Address& address) override;

  void BeginBuild() { ++build_; }
  void EndBuild();

  const std::shared_ptr<ClusterState>& cluster() const { return cluster_; }
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::shared_ptr<EndpointState> state;
    uint64_t build = 0;  // the last one that asked for it
  };

  const std::shared_ptr<ClusterState> cluster_;
  uint64_t build_ = 0;
  absl::flat_hash_map<resource::Address, Entry> entries_;
};

}  // namespace meshlib::pick

#endif  // MESHLIB_PICK_ENDPOINT_REGISTRY_H_
