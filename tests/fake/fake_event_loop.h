// SPDX-License-Identifier: Apache-2.0
// FakeEventLoop: a loop that runs what was posted, and timers by a FakeClock, when a test says so.

#ifndef MESHLIB_FAKE_FAKE_EVENT_LOOP_H_
#define MESHLIB_FAKE_FAKE_EVENT_LOOP_H_

#include <algorithm>
#include <deque>
#include <utility>

#include "base/event_loop.h"
#include "base/mutex.h"
#include "fake/fake_clock.h"

namespace meshlib::fake {

// The test's thread is the loop's thread. Post() is thread-safe, the rest is Thread-compatible.
class FakeEventLoop final : public base::EventLoop {
 public:
  void Post(absl::AnyInvocable<void()> task) override {
    base::MutexLock lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  bool IsCurrent() const override { return true; }
  absl::Time Now() const override { return clock_.Now(); }
  base::TimerQueue& timers() override { return timers_; }

  FakeClock& clock() { return clock_; }

  // Runs posted tasks and due timers until there is nothing left to run now.
  void RunUntilIdle() {
    for (bool progressed = true; progressed;) {
      progressed = false;
      while (RunOne()) progressed = true;
      if (timers_.RunExpired(clock_.Now()) > 0) progressed = true;
    }
  }

  // Moves time forward by `by`, stopping at every timer on the way.
  void Advance(absl::Duration by) {
    const absl::Time end = clock_.Now() + by;
    RunUntilIdle();
    while (timers_.NextExpiry() <= end) {
      clock_.Advance(std::max(timers_.NextExpiry() - clock_.Now(), absl::ZeroDuration()));
      RunUntilIdle();
    }
    clock_.Advance(end - clock_.Now());
    RunUntilIdle();
  }

 private:
  bool RunOne() {
    absl::AnyInvocable<void()> task;
    {
      base::MutexLock lock(mutex_);
      if (tasks_.empty()) return false;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    return true;
  }

  FakeClock clock_;
  base::TimerQueue timers_;
  base::Mutex mutex_;
  std::deque<absl::AnyInvocable<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace meshlib::fake

#endif  // MESHLIB_FAKE_FAKE_EVENT_LOOP_H_
