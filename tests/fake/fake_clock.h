// SPDX-License-Identifier: Apache-2.0
// FakeClock: time that stands still until a test moves it.

#ifndef MESHLIB_FAKE_FAKE_CLOCK_H_
#define MESHLIB_FAKE_FAKE_CLOCK_H_

#include "absl/time/time.h"
#include "base/clock.h"

namespace meshlib::fake {

// Thread-compatible.
class FakeClock final : public base::Clock {
 public:
  absl::Time Now() const override { return now_; }
  absl::Time WallNow() const override { return wall_; }

  void Advance(absl::Duration by) {
    now_ += by;
    wall_ += by;
  }
  // A jump of the machine's clock: the monotonic reading does not move.
  void JumpWall(absl::Duration by) { wall_ += by; }

 private:
  absl::Time now_ = absl::UnixEpoch() + absl::Hours(24);
  absl::Time wall_ = absl::FromUnixSeconds(1'700'000'000);
};

}  // namespace meshlib::fake

#endif  // MESHLIB_FAKE_FAKE_CLOCK_H_
