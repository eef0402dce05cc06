// SPDX-License-Identifier: Apache-2.0
#include "policy/retry_backoff.h"

#include <algorithm>

namespace meshlib::policy {
namespace {

uint64_t WholeMilliseconds(absl::Duration duration) {
  return static_cast<uint64_t>(std::max<int64_t>(1, absl::ToInt64Milliseconds(duration)));
}

}  // namespace

RetryBackoff::RetryBackoff(absl::Duration base, absl::Duration max, base::Random& random)
    : random_(random), base_(base), max_(std::max(base, max)) {}

absl::Duration RetryBackoff::Next() {
  const uint64_t interval = next_ms_ ? *next_ms_ : WholeMilliseconds(base_);
  const uint64_t most = WholeMilliseconds(max_);
  next_ms_ = interval < most / 2 ? interval * 2 : most;
  return absl::Milliseconds(static_cast<int64_t>(random_.Below(interval)));
}

}  // namespace meshlib::policy
