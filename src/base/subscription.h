// SPDX-License-Identifier: Apache-2.0
// Subscription: the receipt of a registration.

#ifndef MESHLIB_BASE_SUBSCRIPTION_H_
#define MESHLIB_BASE_SUBSCRIPTION_H_

#include <utility>

#include "absl/functional/any_invocable.h"

namespace meshlib::base {

// Destroying it ends the registration: no further callback starts. Movable.
// Thread-compatible: destroy it where the class that returned it says.
class [[nodiscard]] Subscription final {
 public:
  Subscription() = default;
  explicit Subscription(absl::AnyInvocable<void()> cancel) : cancel_(std::move(cancel)) {}
  ~Subscription() { Reset(); }
  Subscription(Subscription&& other) noexcept : cancel_(std::exchange(other.cancel_, nullptr)) {}
  Subscription& operator=(Subscription&& other) noexcept {
    if (this != &other) {
      Reset();
      cancel_ = std::exchange(other.cancel_, nullptr);
    }
    return *this;
  }

  void Reset() {
    if (auto cancel = std::exchange(cancel_, nullptr)) cancel();
  }
  explicit operator bool() const { return static_cast<bool>(cancel_); }

 private:
  absl::AnyInvocable<void()> cancel_;
};

}  // namespace meshlib::base

#endif  // MESHLIB_BASE_SUBSCRIPTION_H_
