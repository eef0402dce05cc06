// SPDX-License-Identifier: Apache-2.0
// OpenCount: how many of something there are, for whoever waits until there are none.

#ifndef MESHLIB_SERVER_OPEN_COUNT_H_
#define MESHLIB_SERVER_OPEN_COUNT_H_

#include <condition_variable>
#include <cstddef>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace meshlib::server {

// Thread-safe.
class OpenCount final {
 public:
  void Add();
  // REQUIRES: an Add() before.
  void Remove();
  size_t value() const;
  // Whether there are none, at the latest after `timeout` of real time.
  bool WaitForNone(absl::Duration timeout);

 private:
  mutable base::Mutex mutex_;
  std::condition_variable_any none_;
  size_t count_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_OPEN_COUNT_H_
