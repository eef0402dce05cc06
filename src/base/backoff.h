// SPDX-License-Identifier: Apache-2.0
// Backoff: how long to wait before trying again.

#ifndef MESHLIB_BASE_BACKOFF_H_
#define MESHLIB_BASE_BACKOFF_H_

#include <algorithm>

#include "absl/time/time.h"
#include "base/random.h"

namespace meshlib::base {

struct BackoffOptions {
  absl::Duration initial = absl::Seconds(1);
  absl::Duration max = absl::Seconds(30);
  double multiplier = 1.6;
  double jitter = 0.2;  // each delay is drawn from [1 - jitter, 1 + jitter] times its base

  friend bool operator==(const BackoffOptions&, const BackoffOptions&) = default;
};

// Exponential backoff as in gRPC's connection-backoff.md. Thread-compatible.
class Backoff final {
 public:
  // REQUIRES: `random` outlives it.
  Backoff(const BackoffOptions& options, Random& random) : options_(options), random_(random) {}

  absl::Duration Next() {
    const absl::Duration base = next_ == absl::ZeroDuration() ? options_.initial : next_;
    next_ = std::min(base * options_.multiplier, options_.max);
    return base * (1 - options_.jitter + 2 * options_.jitter * random_.Fraction());
  }
  void Reset() { next_ = absl::ZeroDuration(); }

 private:
  BackoffOptions options_;
  Random& random_;
  absl::Duration next_ = absl::ZeroDuration();
};

}  // namespace meshlib::base

#endif  // MESHLIB_BASE_BACKOFF_H_
