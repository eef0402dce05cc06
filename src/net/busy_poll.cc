// SPDX-License-Identifier: Apache-2.0
#include "net/busy_poll.h"

#include <algorithm>
#include <chrono>

namespace meshlib::net {
namespace {

constexpr std::chrono::nanoseconds kPause(1000);
constexpr int kFreeMisses = 4;
constexpr int kMostSkippedLog2 = 10;

// Tells the processor that this is waiting: its other hardware thread may go ahead.
void Relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

bool BusyPoll::Begin() {
  if (to_skip_ == 0) return true;
  --to_skip_;
  return false;
}

void BusyPoll::FoundNothing() {
  misses_ = std::min(misses_ + 1, kFreeMisses + kMostSkippedLog2);
  if (misses_ > kFreeMisses) to_skip_ = 1 << (misses_ - kFreeMisses);
}

void BusyPoll::Pause() {
  const auto end = std::chrono::steady_clock::now() + kPause;
  do {
    Relax();
  } while (std::chrono::steady_clock::now() < end);
}

}  // namespace meshlib::net
