// SPDX-License-Identifier: Apache-2.0
// RetryBackoff: how long a retry waits.

#ifndef MESHLIB_POLICY_RETRY_BACKOFF_H_
#define MESHLIB_POLICY_RETRY_BACKOFF_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "base/random.h"

namespace meshlib::policy {

// Envoy's JitteredExponentialBackOffStrategy: each delay is drawn from whole milliseconds of
// [0, interval), where the interval starts at `base`, doubles and stays at most `max`.
// Thread-compatible.
class RetryBackoff final {
 public:
  // Both are taken as at least 1 ms. REQUIRES: `random` outlives it.
  RetryBackoff(absl::Duration base, absl::Duration max, base::Random& random);

  absl::Duration Next();

 private:
  base::Random& random_;
  const absl::Duration base_;
  const absl::Duration max_;
  std::optional<uint64_t> next_ms_;  // absent: most Calls need none
};

}  // namespace meshlib::policy

#endif  // MESHLIB_POLICY_RETRY_BACKOFF_H_
