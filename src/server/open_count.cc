// SPDX-License-Identifier: Apache-2.0
#include "server/open_count.h"

#include <chrono>

namespace meshlib::server {

void OpenCount::Add() {
  base::MutexLock lock(mutex_);
  ++count_;
}

void OpenCount::Remove() {
  base::MutexLock lock(mutex_);
  if (--count_ == 0) none_.notify_all();
}

size_t OpenCount::value() const {
  base::MutexLock lock(mutex_);
  return count_;
}

bool OpenCount::WaitForNone(absl::Duration timeout) {
  // Far enough for a wait without an end, and within what the clock can say.
  const absl::Duration most = std::min(timeout, absl::Hours(24 * 365));
  const auto until = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(most);
  base::MutexLock lock(mutex_);
  while (count_ != 0) {
    if (none_.wait_until(mutex_, until) == std::cv_status::timeout) return count_ == 0;
  }
  return true;
}

}  // namespace meshlib::server
