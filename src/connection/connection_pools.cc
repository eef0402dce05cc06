// SPDX-License-Identifier: Apache-2.0
#include "connection/connection_pools.h"

#include <utility>

namespace meshlib::connection {
namespace {

// One TLS record, or a good part of a socket's receive buffer.
constexpr size_t kReadBuffer = 64 * 1024;

}  // namespace

ConnectionPools::ConnectionPools(net::Loop& loop, ConnectionBroker& broker)
    : loop_(loop),
      broker_(broker),
      read_buffer_(kReadBuffer),
      burial_(loop.timers(), [this] { buried_.clear(); }) {
  broker_.Join(*this);
}

ConnectionPools::~ConnectionPools() {
  broker_.Leave(*this);
  pools_.clear();
}

EndpointPool& ConnectionPools::Get(const std::shared_ptr<pick::EndpointState>& endpoint,
                                   const std::shared_ptr<pick::ClusterState>& cluster,
                                   std::string_view host) {
  const PoolKeyView key{endpoint.get(), host};
  if (const auto it = pools_.find(key); it != pools_.end()) return *it->second;
  auto pool = std::make_unique<EndpointPool>(*this, endpoint, cluster);
  return *pools_.emplace(PoolKey{key.endpoint, std::string(host)}, std::move(pool)).first->second;
}

void ConnectionPools::Sweep() {
  for (auto it = pools_.begin(); it != pools_.end();) {
    it->second->Sweep();
    const auto current = it++;
    if (current->second->IsUnused()) pools_.erase(current);
  }
}

void ConnectionPools::Bury(std::unique_ptr<Http1Connection> connection) {
  buried_.push_back(std::move(connection));
  burial_.ArmAt(loop_.Now());
}

bool ConnectionPools::CloseOneIdle(const pick::ClusterState& cluster) {
  for (const auto& [key, pool] : pools_) {
    if (&pool->cluster() == &cluster && pool->CloseOneIdle()) return true;
  }
  return false;
}

size_t ConnectionPools::idle() const {
  size_t sum = 0;
  for (const auto& [key, pool] : pools_) sum += pool->idle();
  return sum;
}

void ConnectionPools::OnRoom(const pick::ClusterState& cluster) {
  for (const auto& [key, pool] : pools_) {
    if (&pool->cluster() == &cluster) pool->ServeWaiters();
  }
}

}  // namespace meshlib::connection
