// SPDX-License-Identifier: Apache-2.0
// Clock: the only source of time for everything that waits, times out or backs off.

#ifndef MESHLIB_BASE_CLOCK_H_
#define MESHLIB_BASE_CLOCK_H_

#include "absl/time/time.h"

namespace meshlib::base {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // A monotonic reading: comparable with other readings of this Clock only, not a time of day. A
  // jump of the machine's clock does not move it.
  virtual absl::Time Now() const = 0;

  // The time of day, for certificates, dates and logs. It may jump.
  virtual absl::Time WallNow() const = 0;
};

// CLOCK_MONOTONIC and CLOCK_REALTIME. Thread-safe.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override;
  absl::Time WallNow() const override;
};

}  // namespace meshlib::base

#endif  // MESHLIB_BASE_CLOCK_H_
