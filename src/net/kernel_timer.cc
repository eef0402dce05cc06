// SPDX-License-Identifier: Apache-2.0
#include "net/kernel_timer.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace meshlib::net {

void KernelTimer::WakeBy(absl::Time when, absl::Time now) {
  if (when >= set_for_) return;
  set_for_ = when;
  itimerspec spec{};
  // Zero would unset it.
  spec.it_value = absl::ToTimespec(std::max(when - now, absl::Nanoseconds(1)));
  timerfd_settime(fd_.get(), 0, &spec, nullptr);
}

void KernelTimer::OnReady(uint32_t) {
  uint64_t expirations = 0;
  [[maybe_unused]] const ssize_t got = read(fd_.get(), &expirations, sizeof(expirations));
  set_for_ = absl::InfiniteFuture();
}

}  // namespace meshlib::net
