// ConnectionPools: all connections of one loop, by endpoint.

#ifndef MESHLIB_CONNECTION_CONNECTION_POOLS_H_
#define MESHLIB_CONNECTION_CONNECTION_POOLS_H_

#include <memory>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/timer.h"
#include "connection/connection_broker.h"
#include "connection/endpoint_pool.h"
#include "net/loop.h"
#include "pick/endpoint_state.h"
#include "resource/address.h"

namespace meshlib::connection {

// Loop-bound: use only on the loop passed to the constructor.
class ConnectionPools final : private ConnectionBroker::Member {
 public:
  // REQUIRES: `loop` and `broker` outlive it.
  ConnectionPools(net::Loop& loop, ConnectionBroker& broker);
  // Closes every connection. REQUIRES: no exchange is under way and nobody waits.
  ~ConnectionPools() override;

  // The pool of an endpoint; made when there is none yet. Stays valid until Sweep().
  EndpointPool& Get(const std::shared_ptr<pick::EndpointState>& endpoint,
                    const std::shared_ptr<pick::ClusterState>& cluster);
  // The same for an endpoint with several addresses, which are raced.
  EndpointPool& Get(const std::shared_ptr<pick::EndpointState>& endpoint,
                    const std::shared_ptr<pick::ClusterState>& cluster,
                    const std::vector<resource::Address>& addresses);

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
  net::Loop& member_loop() override { return loop_; }
  bool YieldIdle(const pick::ClusterState& cluster) override { return CloseOneIdle(cluster); }
  void OnRoom(const pick::ClusterState& cluster) override;

  net::Loop& loop_;
  ConnectionBroker& broker_;
  std::vector<char> read_buffer_;
  std::vector<std::unique_ptr<Http1Connection>> buried_;
  base::Timer burial_;
  absl::flat_hash_map<const pick::EndpointState*, std::unique_ptr<EndpointPool>> pools_;
};

}  // namespace meshlib::connection

#endif  // MESHLIB_CONNECTION_CONNECTION_POOLS_H_
