// SPDX-License-Identifier: Apache-2.0
// SnapshotWaiter: user threads that wait for configuration.

#ifndef MESHLIB_MESH_SNAPSHOT_WAITER_H_
#define MESHLIB_MESH_SNAPSHOT_WAITER_H_

#include <condition_variable>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace meshlib::mesh {

// Thread-safe.
class SnapshotWaiter final {
 public:
  // Something that waiters look at may have changed.
  void Notify();
  // Calls `done` now and after each Notify() until it returns true; false when `patience` has
  // passed (of real time).
  bool WaitUntil(absl::FunctionRef<bool()> done, absl::Duration patience);

 private:
  base::Mutex mutex_;
  std::condition_variable_any changed_;
  uint64_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_SNAPSHOT_WAITER_H_
