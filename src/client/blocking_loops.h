// SPDX-License-Identifier: Apache-2.0
// BlockingLoops: the loops that blocking Calls borrow.

#ifndef MESHLIB_CLIENT_BLOCKING_LOOPS_H_
#define MESHLIB_CLIENT_BLOCKING_LOOPS_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "client/call_environment.h"
#include "client/call_loop.h"
#include "meshlib/http_client.h"
#include "net/loop.h"

namespace meshlib::client {

// One loop with its warm connections. Used by the thread that borrowed it.
struct BlockingLoop {
  std::unique_ptr<net::Loop> loop;
  std::unique_ptr<CallLoop> calls;  // destroyed first
  HttpExchange exchange;            // recycled by Calls that own their answer
  absl::Time last_used;
  absl::Duration waited;  // how long the last Borrow() took
  uint64_t round = 0;     // the janitor's last one
};

// The loop returned last is borrowed first, so that few connections stay warm. Thread-safe.
class BlockingLoops final {
 public:
  // REQUIRES: `environment` outlives it.
  explicit BlockingLoops(CallEnvironment& environment) : environment_(environment) {}
  // REQUIRES: none is borrowed.
  ~BlockingLoops() = default;

  // Waits for one, for at most `limit`, when max_blocking_loops are in use. kOverflow as a Status,
  // or kShutdown after Shutdown().
  absl::StatusOr<std::unique_ptr<BlockingLoop>> Borrow(absl::Duration limit);
  void Return(std::unique_ptr<BlockingLoop> loop);

  // Every loop looks at the newest snapshot: idle ones within the function, borrowed ones soon.
  void Refresh();
  // Runs what was posted to idle loops.
  void PollIdle();
  // Destroys loops that were idle for `longer_than`.
  void Reap(absl::Duration longer_than);
  // Fails the Calls under way, waits until all loops are back, and destroys them.
  void Shutdown();

  size_t idle() const;

 private:
  // Borrows each idle loop in turn, for `visit` to look at.
  void VisitIdle(absl::FunctionRef<void(BlockingLoop&)> visit);
  std::unique_ptr<BlockingLoop> TakeUnvisited(uint64_t round);
  // How long it took.
  absl::Duration AwaitIdle(absl::Duration limit) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsExhausted() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return idle_.empty() && count_ >= environment_.options.max_blocking_loops;
  }
  absl::StatusOr<std::unique_ptr<BlockingLoop>> Make();
  void PutBack(std::unique_ptr<BlockingLoop> loop) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  CallEnvironment& environment_;
  mutable base::Mutex mutex_;
  std::condition_variable_any returned_;
  std::vector<std::unique_ptr<BlockingLoop>> idle_ ABSL_GUARDED_BY(mutex_);  // by last_used
  std::vector<BlockingLoop*> borrowed_ ABSL_GUARDED_BY(mutex_);
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t rounds_ ABSL_GUARDED_BY(mutex_) = 0;
  bool shut_down_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_BLOCKING_LOOPS_H_
