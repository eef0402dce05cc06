// SPDX-License-Identifier: Apache-2.0
#include "mesh/snapshot_waiter.h"

#include <algorithm>
#include <chrono>

namespace meshlib::mesh {

void SnapshotWaiter::Notify() {
  base::MutexLock lock(mutex_);
  ++changes_;
  changed_.notify_all();
}

bool SnapshotWaiter::WaitUntil(absl::FunctionRef<bool()> done, absl::Duration patience) {
  const auto deadline = std::chrono::steady_clock::now() +
                        absl::ToChronoMilliseconds(std::min(patience, absl::Hours(24)));
  for (;;) {
    uint64_t seen = 0;
    {
      base::MutexLock lock(mutex_);
      seen = changes_;
    }
    if (done()) return true;
    base::MutexLock lock(mutex_);
    while (changes_ == seen) {
      if (changed_.wait_until(mutex_, deadline) == std::cv_status::timeout) return false;
    }
  }
}

}  // namespace meshlib::mesh
