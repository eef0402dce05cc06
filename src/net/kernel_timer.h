// SPDX-License-Identifier: Apache-2.0
// KernelTimer: what wakes a Loop for its timers.

#ifndef MESHLIB_NET_KERNEL_TIMER_H_
#define MESHLIB_NET_KERNEL_TIMER_H_

#include <utility>

#include "absl/time/time.h"
#include "net/fd.h"
#include "net/loop.h"

namespace meshlib::net {

// A timerfd that is set only when it would be late: deadlines mostly move away before they come. A
// time-out of epoll_wait would have the kernel set and cancel a timer at each wait, which costs
// more than the rest of a turn. Loop-bound: use only on the loop that watches it.
class KernelTimer final : public FdHandler {
 public:
  // REQUIRES: a non-blocking timerfd.
  explicit KernelTimer(Fd fd) : fd_(std::move(fd)) {}

  int fd() const { return fd_.get(); }
  // Makes the descriptor readable at `when` at the latest, perhaps earlier.
  void WakeBy(absl::Time when, absl::Time now);
  void OnReady(uint32_t readiness) override;

 private:
  Fd fd_;
  absl::Time set_for_ = absl::InfiniteFuture();
};

}  // namespace meshlib::net

#endif  // MESHLIB_NET_KERNEL_TIMER_H_
