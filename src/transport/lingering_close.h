// SPDX-License-Identifier: Apache-2.0
// LingeringClose: ends a connection so that the peer can read what was said last.

#ifndef MESHLIB_TRANSPORT_LINGERING_CLOSE_H_
#define MESHLIB_TRANSPORT_LINGERING_CLOSE_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "base/timer.h"
#include "net/byte_stream.h"
#include "net/loop.h"

namespace meshlib::transport {

// What a peer may still do to a connection that was ended. A value.
struct LingerLimits {
  // So long it has to read what was said last.
  absl::Duration timeout = absl::Seconds(1);
  // More than this of a peer that does not listen is not taken.
  size_t most_thrown_away = std::numeric_limits<size_t>::max();
};

// Closing a socket that has unread bytes, or gets more, resets the connection (RFC 9293 section
// 3.10.4), and with that the peer may lose what it has not read. So the writing side is ended, what
// still comes is thrown away, and the peer's end or a limit closes it. Destroying it closes at
// once. Loop-bound: use only on the loop passed to the constructor.
class LingeringClose final : private net::FdHandler {
 public:
  using Done = absl::AnyInvocable<void()>;

  explicit LingeringClose(net::Loop& loop);
  ~LingeringClose() override;
  LingeringClose(const LingeringClose&) = delete;
  LingeringClose& operator=(const LingeringClose&) = delete;

  // Calls `done` once, when `stream` is closed, never inside Start(). It may destroy this.
  // REQUIRES: `stream` is not watched; started once.
  void Start(std::unique_ptr<net::ByteStream> stream, const LingerLimits& limits, Done done);

 private:
  void OnReady(uint32_t readiness) override;
  net::IoResult::Kind ThrowAway();
  uint32_t Interest() const;
  void Finish();
  void Close();

  net::Loop& loop_;
  std::unique_ptr<net::ByteStream> stream_;
  size_t most_thrown_away_ = 0;
  size_t thrown_away_ = 0;
  bool end_waits_ = false;  // to be sent
  base::Timer timer_;
  Done done_;
};

}  // namespace meshlib::transport

#endif  // MESHLIB_TRANSPORT_LINGERING_CLOSE_H_
