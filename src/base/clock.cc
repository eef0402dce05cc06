// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <ctime>

namespace meshlib::base {
namespace {

absl::Time Read(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return absl::TimeFromTimespec(now);
}

}  // namespace

absl::Time SystemClock::Now() const { return Read(CLOCK_MONOTONIC); }
absl::Time SystemClock::WallNow() const { return Read(CLOCK_REALTIME); }

}  // namespace meshlib::base
