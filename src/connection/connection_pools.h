// SPDX-License-Identifier: Apache-2.0
// ConnectionPools: all connections of one loop, by endpoint.

#ifndef MESHLIB_CONNECTION_CONNECTION_POOLS_H_
#define MESHLIB_CONNECTION_CONNECTION_POOLS_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "base/string_view.h"
#include "base/timer.h"
#include "connection/connection_broker.h"
#include "connection/endpoint_pool.h"
#include "net/loop.h"
#include "pick/endpoint_state.h"

namespace meshlib::connection {

// Loop-bound: use only on the loop passed to the constructor.
class ConnectionPools final : private ConnectionBroker::Member {
 public:
  // REQUIRES: `loop` and `broker` outlive it.
  ConnectionPools(net::Loop& loop, ConnectionBroker& broker);
  // Closes every connection. REQUIRES: no exchange is under way and nobody waits.
  ~ConnectionPools() override;

  // The pool of an endpoint; made when there is none yet. Stays valid until Sweep(). `host`: where
  // the way in which connections are secured depends on who is called, whom; otherwise empty.
  EndpointPool& Get(const std::shared_ptr<pick::EndpointState>& endpoint,
                    const std::shared_ptr<pick::ClusterState>& cluster, std::string_view host = {});

  // Closes idle connections of endpoints that were withdrawn, and forgets pools without use.
  void Sweep();

  net::Loop& loop() { return loop_; }
  ConnectionBroker& broker() { return broker_; }
  // What a handler reads into; the contents are valid until it returns.
  std::span<char> read_buffer() { return read_buffer_; }
  // Destroys a connection once no function of it is running any more.
  void Bury(std::unique_ptr<Http1Connection> connection);
  // Closes one idle connection of that Cluster on this loop; false when there is none.
  bool CloseOneIdle(const pick::ClusterState& cluster);
  // Has other loops make room for a connection of that Cluster; its pools here are told.
  void AskForRoom(const std::shared_ptr<pick::ClusterState>& cluster) {
    broker_.Ask(*this, cluster);
  }
  // Idle connections, for tests and dumps.
  size_t idle() const;

 private:
  struct PoolKeyView {
    const pick::EndpointState* endpoint;
    std::string_view host;
  };
  struct PoolKey {
    const pick::EndpointState* endpoint;
    std::string host;
    operator PoolKeyView() const { return {endpoint, host}; }

    struct Hash {
      using is_transparent = void;
      size_t operator()(const PoolKeyView& key) const {
        return absl::HashOf(key.endpoint, base::AbslView(key.host));
      }
    };
    struct Equal {
      using is_transparent = void;
      bool operator()(const PoolKeyView& a, const PoolKeyView& b) const {
        return a.endpoint == b.endpoint && a.host == b.host;
      }
    };
  };

  net::Loop& member_loop() override { return loop_; }
  bool YieldIdle(const pick::ClusterState& cluster) override { return CloseOneIdle(cluster); }
  void OnRoom(const pick::ClusterState& cluster) override;

  net::Loop& loop_;
  ConnectionBroker& broker_;
  std::vector<char> read_buffer_;
  std::vector<std::unique_ptr<Http1Connection>> buried_;
  base::Timer burial_;
  absl::flat_hash_map<PoolKey, std::unique_ptr<EndpointPool>, PoolKey::Hash, PoolKey::Equal> pools_;
};

}  // namespace meshlib::connection

#endif  // MESHLIB_CONNECTION_CONNECTION_POOLS_H_
