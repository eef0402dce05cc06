// SPDX-License-Identifier: Apache-2.0
// LingeringClose: ends a connection so that the peer can read what was said last.

#ifndef MESHLIB_TRANSPORT_LINGERING_CLOSE_H_
#define MESHLIB_TRANSPORT_LINGERING_CLOSE_H_

#include <cstddef>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "base/timer.h"
#include "net/byte_stream.h"
#include "net/loop.h"

namespace meshlib::transport {

// Closing a socket that has unread bytes, or gets more, resets the connection (RFC 9293 section
// 3.10.4), and with that the peer may lose what it has not read. So the writing side is ended, what
// still comes is thrown away, and the peer's end, a limit or a timeout closes it. Destroying it
// closes at once. Loop-bound: use only on the loop passed to the constructor.
class LingeringClose final : private net::FdHandler {
 public:
  using Done = absl::AnyInvocable<void()>;
  // More than this of a peer that does not listen is not taken.
  static constexpr size_t kMostThrownAway = 256 * 1024;

  explicit LingeringClose(net::Loop& loop);
  ~LingeringClose() override;
  LingeringClose(const LingeringClose&) = delete;
  LingeringClose& operator=(const LingeringClose&) = delete;

  // Calls `done` once, when `stream` is closed, never inside Start(). It may destroy this.
  // REQUIRES: `stream` is not watched; started once.
  void Start(std::unique_ptr<net::ByteStream> stream, absl::Duration timeout, Done done);

 private:
  void OnReady(uint32_t readiness) override;
  void Finish();
  void Close();

  net::Loop& loop_;
  std::unique_ptr<net::ByteStream> stream_;
  size_t thrown_away_ = 0;
  base::Timer timer_;
  Done done_;
};

}  // namespace meshlib::transport

#endif  // MESHLIB_TRANSPORT_LINGERING_CLOSE_H_
