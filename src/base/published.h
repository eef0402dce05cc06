// SPDX-License-Identifier: Apache-2.0
// Published: hands immutable values from the control thread to the loops.

#ifndef MESHLIB_BASE_PUBLISHED_H_
#define MESHLIB_BASE_PUBLISHED_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace meshlib::base {

// The current value of T, replaced as a whole. Readers pay one acquire load while nothing changes.
// Values that readers let go of are collected here, so that the control thread (DropRetired) and
// not a loop pays for the destruction of a large one.
//
// Publish() and DropRetired() are for the control thread; a Reader is bound to one loop.
// Thread-safe.
template <typename T>
class Published final {
 public:
  // Loop-bound: one Reader per loop. REQUIRES: the Published outlives it.
  class Reader final {
   public:
    explicit Reader(Published& published) : published_(published) {}
    ~Reader() { published_.Retire(std::move(value_)); }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    // The newest value, nullptr before the first Publish(). The reference is valid until the next
    // Get(); copy the shared_ptr to keep the value longer.
    const std::shared_ptr<const T>& Get() {
      if (published_.version_.load(std::memory_order_acquire) != seen_) Refresh();
      return value_;
    }

   private:
    void Refresh() {
      std::shared_ptr<const T> old = std::move(value_);
      {
        MutexLock lock(published_.mutex_);
        value_ = published_.value_;
        seen_ = published_.version_.load(std::memory_order_relaxed);
      }
      published_.Retire(std::move(old));
    }

    Published& published_;
    std::shared_ptr<const T> value_;
    uint64_t seen_ = 0;
  };

  void Publish(std::shared_ptr<const T> value) {
    std::shared_ptr<const T> old;
    MutexLock lock(mutex_);
    old = std::exchange(value_, std::move(value));
    version_.fetch_add(1, std::memory_order_release);
    if (old != nullptr) retired_.push_back(std::move(old));
  }

  // The newest value; takes a lock, for anything but the request path.
  std::shared_ptr<const T> Latest() const {
    MutexLock lock(mutex_);
    return value_;
  }

  // Gives back a value that a loop no longer needs.
  void Retire(std::shared_ptr<const T> value) {
    if (value == nullptr) return;
    MutexLock lock(mutex_);
    retired_.push_back(std::move(value));
  }

  // Destroys the retired values on the calling thread.
  void DropRetired() {
    std::vector<std::shared_ptr<const T>> dropped;
    MutexLock lock(mutex_);
    dropped.swap(retired_);
  }

 private:
  std::atomic<uint64_t> version_{0};
  mutable Mutex mutex_;
  std::shared_ptr<const T> value_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<const T>> retired_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace meshlib::base

#endif  // MESHLIB_BASE_PUBLISHED_H_
