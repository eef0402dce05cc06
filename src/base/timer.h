// SPDX-License-Identifier: Apache-2.0
// Timer and TimerQueue: many timers over one kernel timer.

#ifndef MESHLIB_BASE_TIMER_H_
#define MESHLIB_BASE_TIMER_H_

#include <cstddef>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace meshlib::base {

class Timer;

// A binary heap of armed Timers, by time. It has no clock: whoever owns it asks for NextExpiry()
// and calls RunExpired(now). Loop-bound: use only on the loop that owns it.
class TimerQueue final {
 public:
  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  // REQUIRES: no Timer is armed.
  ~TimerQueue();

  // absl::InfiniteFuture() when nothing is armed.
  absl::Time NextExpiry() const;

  // Runs the callbacks of all Timers due at `now`, earliest first. A callback may arm and cancel
  // Timers, also its own, and may destroy its own Timer. One armed from within a callback for a
  // time already past runs in the next call, so this always ends. Returns how many ran.
  int RunExpired(absl::Time now);

  size_t size() const { return heap_.size(); }

 private:
  friend class Timer;

  void Push(Timer* timer);
  void Erase(Timer* timer);
  void SiftUp(size_t index);
  void SiftDown(size_t index);
  bool Before(size_t a, size_t b) const;
  void Place(size_t index, Timer* timer);

  std::vector<Timer*> heap_;
};

// One timer with a fixed callback. Arming and cancelling cost O(log n) and do not allocate once
// the queue has grown. Destroying an armed Timer cancels it.
// Loop-bound: use only on the loop that owns the TimerQueue.
class Timer final {
 public:
  // REQUIRES: `queue` outlives the Timer.
  Timer(TimerQueue& queue, absl::AnyInvocable<void()> callback);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Arms for `when`; replaces an earlier arming. InfiniteFuture() cancels.
  void ArmAt(absl::Time when);
  void Cancel();
  bool armed() const { return index_ != kNotArmed; }
  absl::Time when() const { return when_; }

 private:
  friend class TimerQueue;
  static constexpr size_t kNotArmed = static_cast<size_t>(-1);

  TimerQueue& queue_;
  absl::AnyInvocable<void()> callback_;
  absl::Time when_ = absl::InfiniteFuture();
  size_t index_ = kNotArmed;
  bool* destroyed_ = nullptr;  // set while the callback runs
};

}  // namespace meshlib::base

#endif  // MESHLIB_BASE_TIMER_H_
