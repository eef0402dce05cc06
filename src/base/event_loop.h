// SPDX-License-Identifier: Apache-2.0
// EventLoop: what a stage may assume about the loop that it lives on.
//
// Sockets are not here: stages that do I/O take a net::Loop. Tests use fake::FakeEventLoop.

#ifndef MESHLIB_BASE_EVENT_LOOP_H_
#define MESHLIB_BASE_EVENT_LOOP_H_

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "base/timer.h"

namespace meshlib::base {

class EventLoop {
 public:
  virtual ~EventLoop() = default;

  // Runs `task` on the loop, in order of posting, never inside Post(). Tasks still queued when the
  // loop is destroyed are destroyed without being run. Thread-safe.
  virtual void Post(absl::AnyInvocable<void()> task) = 0;

  // Whether the calling thread is the one running this loop now. Thread-safe.
  virtual bool IsCurrent() const = 0;

  // The Clock's reading, cached once per turn of the loop. Loop thread only.
  virtual absl::Time Now() const = 0;

  // Loop thread only.
  virtual TimerQueue& timers() = 0;
};

}  // namespace meshlib::base

#endif  // MESHLIB_BASE_EVENT_LOOP_H_
