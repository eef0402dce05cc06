// SPDX-License-Identifier: Apache-2.0
// ConnectionBroker: moves room for connections between loops when a Cluster is at its limit.

#ifndef MESHLIB_CONNECTION_CONNECTION_BROKER_H_
#define MESHLIB_CONNECTION_CONNECTION_BROKER_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "net/loop.h"
#include "pick/endpoint_state.h"

namespace meshlib::connection {

// CircuitBreakers.max_connections counts over all loops, but pools belong to one loop each. A pool
// that needs a connection beyond the limit asks here: idle connections of that Cluster on other
// loops are closed for it, and it is told when one has gone. Costs one relaxed load when nobody
// asks. Thread-safe.
class ConnectionBroker final {
 public:
  // A loop's connections. Its functions run on its loop.
  class Member {
   public:
    virtual ~Member() = default;
    virtual net::Loop& member_loop() = 0;
    // Closes one idle connection of that Cluster, if there is one.
    virtual bool YieldIdle(const pick::ClusterState& cluster) = 0;
    // There may be room for another connection now.
    virtual void OnRoom(const pick::ClusterState& cluster) = 0;
  };

  // `poll_idle_loops`, called on any loop, runs what was posted to loops that no thread runs now;
  // may be empty.
  explicit ConnectionBroker(std::function<void()> poll_idle_loops = nullptr);

  void Join(Member& member);
  // On the member's loop; nothing of it is called afterwards.
  void Leave(Member& member);

  // `member` waits for room in `cluster`: it is told once for each time that it asks.
  void Ask(Member& member, const std::shared_ptr<pick::ClusterState>& cluster);
  // Whether somebody waits for room in `cluster`: an idle connection is not worth keeping then.
  bool IsAsked(const pick::ClusterState& cluster) const;
  // A connection of `cluster` has gone.
  void OnClosed(const pick::ClusterState& cluster);

 private:
  struct Seat {
    Member* member;  // of the member's loop; null when it has left
    net::Loop* loop;
  };
  struct Asker {
    std::shared_ptr<Seat> seat;
    std::shared_ptr<pick::ClusterState> cluster;
  };

  bool IsListed(const Seat& seat, const pick::ClusterState& cluster) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::function<void()> poll_idle_loops_;
  std::atomic<size_t> asking_{0};
  mutable base::Mutex mutex_;
  std::vector<std::shared_ptr<Seat>> seats_ ABSL_GUARDED_BY(mutex_);
  std::vector<Asker> askers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace meshlib::connection

#endif  // MESHLIB_CONNECTION_CONNECTION_BROKER_H_
