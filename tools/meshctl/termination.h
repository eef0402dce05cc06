// SPDX-License-Identifier: Apache-2.0
// Termination: waiting for SIGINT or SIGTERM.

#ifndef MESHCTL_TERMINATION_H_
#define MESHCTL_TERMINATION_H_

#include <csignal>

namespace meshctl {

// Blocks both signals for the calling thread and all that it starts, so that Wait() gets them.
// Make it before any other thread. Thread-compatible.
class Termination final {
 public:
  Termination() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }

  void Wait() {
    int signal = 0;
    sigwait(&signals_, &signal);
  }

 private:
  sigset_t signals_;
};

}  // namespace meshctl

#endif  // MESHCTL_TERMINATION_H_
