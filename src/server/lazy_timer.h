// SPDX-License-Identifier: Apache-2.0
// LazyTimer: a timer whose deadline is moved again and again and hardly ever comes.

#ifndef MESHLIB_SERVER_LAZY_TIMER_H_
#define MESHLIB_SERVER_LAZY_TIMER_H_

#include <functional>
#include <utility>

#include "absl/time/time.h"
#include "base/timer.h"
#include "net/loop.h"

namespace meshlib::server {

// Moving the deadline away costs an assignment; the Timer below may be armed for an earlier time,
// and looks again then. Loop-bound: use only on the loop passed to the constructor.
class LazyTimer final {
 public:
  LazyTimer(net::Loop& loop, std::function<void()> due)
      : loop_(loop), due_(std::move(due)), timer_(loop.timers(), [this] { OnTimer(); }) {}

  // InfiniteFuture(): never.
  void Set(absl::Time deadline) {
    deadline_ = deadline;
    if (deadline < (timer_.armed() ? timer_.when() : absl::InfiniteFuture()))
      timer_.ArmAt(deadline);
  }
  void Cancel() { timer_.Cancel(); }

 private:
  void OnTimer() {
    if (loop_.Now() < deadline_) return timer_.ArmAt(deadline_);
    due_();
  }

  net::Loop& loop_;
  const std::function<void()> due_;
  absl::Time deadline_ = absl::InfiniteFuture();
  base::Timer timer_;
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_LAZY_TIMER_H_
