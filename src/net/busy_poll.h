// SPDX-License-Identifier: Apache-2.0
// BusyPoll: whether a loop that has nothing to do looks again before it sleeps.
//
// Being woken costs both sides: whoever sends interrupts another core (in a virtual machine by way
// of the hypervisor), and that core changes threads twice. Where the next event is nearer than that
// is long, looking again is cheaper than to sleep, and what has come together is served together.
// Whether it is that near, the last sleeps tell.

#ifndef MESHLIB_NET_BUSY_POLL_H_
#define MESHLIB_NET_BUSY_POLL_H_

namespace meshlib::net {

// Loop-bound.
class BusyPoll final {
 public:
  // Looks before one sleep; a microsecond passes before each.
  static constexpr int kLooks = 2;

  // Before each sleep: whether to look first. Then one of the two below must follow.
  bool Begin();
  void Found() { misses_ = 0; }
  // From the fifth time in a row, more and more sleeps go by without a look: a loop whose events
  // are far apart spends a microsecond or two on one sleep of a thousand.
  void FoundNothing();

  // Lets a microsecond pass without leaving the processor.
  static void Pause();

 private:
  int misses_ = 0;   // in a row
  int to_skip_ = 0;  // sleeps
};

}  // namespace meshlib::net

#endif  // MESHLIB_NET_BUSY_POLL_H_
