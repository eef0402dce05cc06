// SPDX-License-Identifier: Apache-2.0
// CallLoop: all that the Calls of one loop share: connections, pick memories, pinned snapshots.

#ifndef MESHLIB_CLIENT_CALL_LOOP_H_
#define MESHLIB_CLIENT_CALL_LOOP_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/mutex.h"
#include "base/random.h"
#include "client/call_environment.h"
#include "client/outgoing_call.h"
#include "client/snapshot_pins.h"
#include "connection/connection_pools.h"
#include "net/loop.h"
#include "pick/picker.h"

namespace meshlib::client {

// Loop-bound: use only on the loop passed to the constructor, but Submit() is thread-safe.
class CallLoop final {
 public:
  // REQUIRES: both outlive it.
  CallLoop(net::Loop& loop, CallEnvironment& environment);
  // As Shutdown(). Calls that are started by the ends of those are dropped untold.
  ~CallLoop();

  // A Call to be started, recycled where there is one.
  OutgoingCall& NewCall();
  void Recycle(OutgoingCall& call);
  // Starts a buffered Call.
  void Start(HttpExchange& exchange, HttpClient::Done done);
  // The same, from any thread, on the loop's next turn.
  void Submit(HttpExchange& exchange, HttpClient::Done done);

  // Looks at the newest snapshot: lets go of old ones, closes what was withdrawn, and lets Calls
  // that wait for it go on.
  void Refresh();
  // Fails all Calls, and those to come, with kShutdown.
  void Shutdown();

  // `call` wants OnSnapshot().
  void AddWaiting(OutgoingCall& call);
  void RemoveWaiting(OutgoingCall& call);

  pick::PickResult Pick(const snapshot::ClusterEntry& cluster,
                        std::span<const pick::EndpointState* const> previous,
                        uint32_t max_reselects, bool is_retry);

  net::Loop& loop() { return loop_; }
  CallEnvironment& environment() { return environment_; }
  SnapshotPins& pins() { return pins_; }
  connection::ConnectionPools& pools() { return pools_; }
  base::Random& random() { return random_; }
  bool is_shut_down() const { return shut_down_; }

 private:
  struct Submission {
    HttpExchange* exchange;
    HttpClient::Done done;
  };
  struct Retired {
    OutgoingCall* call;
    uint64_t turn;  // in which it ended: its functions may be running until that is over
  };
  struct PickMemory {
    std::shared_ptr<const pick::Picker> picker;
    std::unique_ptr<pick::PickState> state;
  };

  void StartSubmitted();
  void DropOldPickMemories(const snapshot::MeshSnapshot& newest);

  net::Loop& loop_;
  CallEnvironment& environment_;
  base::Random random_ = base::Random::FromEntropy();
  SnapshotPins pins_;
  connection::ConnectionPools pools_;
  absl::flat_hash_map<std::shared_ptr<pick::ClusterState>, PickMemory> pick_memories_;
  std::vector<std::unique_ptr<OutgoingCall>> calls_;
  std::vector<Retired> retired_;
  std::vector<OutgoingCall*> waiting_;
  std::vector<Submission> starting_;  // keeps its memory between turns
  bool shut_down_ = false;

  base::Mutex mutex_;
  std::vector<Submission> submitted_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_CALL_LOOP_H_
