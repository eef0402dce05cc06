// SPDX-License-Identifier: Apache-2.0
// LoopThreads: N threads, each running a Loop, for servers, callback Calls and streams.

#ifndef MESHLIB_NET_LOOP_THREADS_H_
#define MESHLIB_NET_LOOP_THREADS_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "net/loop.h"

namespace meshlib::net {

// The Loops live as long as this object; the threads run from Start() to Stop(). What lives on a
// Loop must be destroyed on it: see RunOn(). Thread-safe.
class LoopThreads final {
 public:
  // 0: one per core, at most 4. RESOURCE_EXHAUSTED when descriptors or threads have run out.
  static absl::StatusOr<std::unique_ptr<LoopThreads>> Start(int count, base::Clock& clock);
  // As Stop().
  ~LoopThreads();

  size_t size() const { return loops_.size(); }
  // REQUIRES: index < size().
  Loop& loop(size_t index) { return *loops_[index]; }
  // The loops in turn, to spread work.
  Loop& Next();
  size_t NextIndex();

  // The index of the loop that the calling thread is running; size() when it runs none of them.
  size_t CurrentIndex() const;

  // Posts a copy of `task` to every loop.
  void PostToAll(const std::function<void(size_t index)>& task);

  // Runs `task` on that loop and returns when it has run: at once when called on that loop, on the
  // calling thread when the threads have been stopped.
  void RunOn(size_t index, absl::FunctionRef<void()> task);

  // Ends the threads and joins them, then runs one last turn of every loop on the calling thread,
  // so that no RunOn() waits for ever. Must not be called on one of the loops: it is reported as a
  // bug then, and joins nothing.
  void Stop();

 private:
  LoopThreads() = default;

  std::vector<std::unique_ptr<Loop>> loops_;
  std::atomic<size_t> next_{0};
  base::Mutex mutex_;
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mutex_);  // empty when stopped
};

}  // namespace meshlib::net

#endif  // MESHLIB_NET_LOOP_THREADS_H_
