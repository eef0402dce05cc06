// SPDX-License-Identifier: Apache-2.0
// MovableClock: the system's clock, ahead by as much as a test says.

#ifndef MESHLIB_FAKE_MOVABLE_CLOCK_H_
#define MESHLIB_FAKE_MOVABLE_CLOCK_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"
#include "base/clock.h"

namespace meshlib::fake {

// For real loops, whose sockets are as slow as they are. Whoever moves it wakes the loops up.
// Thread-safe.
class MovableClock final : public base::Clock {
 public:
  absl::Time Now() const override {
    const int64_t stopped = stopped_ns_.load();
    return (stopped == 0 ? system_.Now() : absl::FromUnixNanos(stopped)) + ahead();
  }
  absl::Time WallNow() const override { return system_.WallNow() + ahead(); }

  void Advance(absl::Duration by) { ahead_ns_ += absl::ToInt64Nanoseconds(by); }
  // From now on, nothing but Advance() makes Now() go on.
  void Stop() { stopped_ns_ = absl::ToUnixNanos(system_.Now()); }

 private:
  absl::Duration ahead() const { return absl::Nanoseconds(ahead_ns_.load()); }

  base::SystemClock system_;
  std::atomic<int64_t> ahead_ns_{0};
  std::atomic<int64_t> stopped_ns_{0};  // 0: it goes
};

}  // namespace meshlib::fake

#endif  // MESHLIB_FAKE_MOVABLE_CLOCK_H_
