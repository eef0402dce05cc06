// SPDX-License-Identifier: Apache-2.0
// LoopTest: a loop on the test's thread, and a pair of connected sockets.

#ifndef MESHLIB_TESTS_TRANSPORT_LOOP_FIXTURE_H_
#define MESHLIB_TESTS_TRANSPORT_LOOP_FIXTURE_H_

#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <memory>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "base/clock.h"
#include "fake/bounded_run.h"
#include "net/fd.h"
#include "net/loop.h"
#include "net/socket_stream.h"

namespace meshlib::transport {

class LoopTest : public ::testing::Test {
 protected:
  LoopTest() {
    int fds[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    ours_fd_ = fds[0];
    ours_ = std::make_unique<net::SocketStream>(net::Fd(fds[0]));
    theirs_ = std::make_unique<net::SocketStream>(net::Fd(fds[1]));
  }

  std::unique_ptr<net::ByteStream> TakeOurs() { return std::move(ours_); }
  std::unique_ptr<net::ByteStream> TakeTheirs() { return std::move(theirs_); }
  void CloseTheirs() { theirs_.reset(); }
  void Send(std::string_view bytes) {
    EXPECT_EQ(send(theirs_->fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // Bytes that we have not read.
  int Pending() const {
    int bytes = 0;
    EXPECT_EQ(ioctl(ours_fd_, FIONREAD, &bytes), 0);
    return bytes;
  }
  // Fails the test when that takes 10 s.
  void RunUntil(absl::FunctionRef<bool()> done) {
    EXPECT_TRUE(fake::RunUntil(*loop_, clock_, done)) << "nothing happened within 10 s";
  }

  base::SystemClock clock_;
  std::unique_ptr<net::Loop> loop_ = net::Loop::Create(clock_).value();
  std::unique_ptr<net::ByteStream> ours_;
  std::unique_ptr<net::ByteStream> theirs_;
  int ours_fd_ = -1;
};

}  // namespace meshlib::transport

#endif  // MESHLIB_TESTS_TRANSPORT_LOOP_FIXTURE_H_
