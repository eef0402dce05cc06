// SPDX-License-Identifier: Apache-2.0
#include "pick/endpoint_registry.h"

#include <utility>

namespace meshlib::pick {

EndpointRegistry::EndpointRegistry(resource::ClusterName name)
    : cluster_(std::make_shared<ClusterState>(std::move(name))) {}

EndpointRegistry::~EndpointRegistry() {
  for (auto& [address, entry] : entries_) entry.state->withdrawn.store(true);
}

std::shared_ptr<EndpointState> EndpointRegistry::Get(const resource::Address& address) {
  Entry& entry = entries_[address];
  if (entry.state == nullptr) entry.state = std::make_shared<EndpointState>(address);
  entry.build = build_;
  return entry.state;
}

void EndpointRegistry::EndBuild() {
  absl::erase_if(entries_, [this](auto& item) {
    if (item.second.build == build_) return false;
    item.second.state->withdrawn.store(true);
    return true;
  });
}

}  // namespace meshlib::pick
