// SPDX-License-Identifier: Apache-2.0
// RunUntil: runs a real loop for a test, but not for ever.

#ifndef MESHLIB_FAKE_BOUNDED_RUN_H_
#define MESHLIB_FAKE_BOUNDED_RUN_H_

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/timer.h"
#include "net/loop.h"

namespace meshlib::fake {

// Serves `loop`, whose clock is `clock`, until `done()` holds. False when it did not within 10 s.
[[nodiscard]] inline bool RunUntil(net::Loop& loop, const base::Clock& clock,
                                   absl::FunctionRef<bool()> done) {
  bool late = false;
  bool holds = false;
  base::Timer limit(loop.timers(), [&] { late = true; });
  limit.ArmAt(clock.Now() + absl::Seconds(10));
  loop.Run([&] {
    holds = done();
    return holds || late;
  });
  return holds;
}

}  // namespace meshlib::fake

#endif  // MESHLIB_FAKE_BOUNDED_RUN_H_
