// SPDX-License-Identifier: Apache-2.0
// Fd: an owned file descriptor.

#ifndef MESHLIB_NET_FD_H_
#define MESHLIB_NET_FD_H_

#include <unistd.h>

#include <utility>

namespace meshlib::net {

// Closes the descriptor when destroyed. Movable. Thread-compatible.
class Fd final {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { Reset(); }
  Fd(Fd&& other) noexcept : fd_(other.Release()) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      Reset();
      fd_ = other.Release();
    }
    return *this;
  }

  // REQUIRES: it holds one.
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  // Gives the descriptor away, unclosed.
  [[nodiscard]] int Release() { return std::exchange(fd_, -1); }
  void Reset() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

}  // namespace meshlib::net

#endif  // MESHLIB_NET_FD_H_
