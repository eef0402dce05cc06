// SPDX-License-Identifier: Apache-2.0
// SocketStream: the ByteStream of a plain socket.

#ifndef MESHLIB_NET_SOCKET_STREAM_H_
#define MESHLIB_NET_SOCKET_STREAM_H_

#include "net/byte_stream.h"
#include "net/fd.h"

namespace meshlib::net {

// One system call per Read, Await and Write. A Write to a connection that the peer closed is an
// error, not a signal. Loop-bound: use only on the loop that watches it.
class SocketStream final : public ByteStream {
 public:
  // REQUIRES: a connected socket.
  explicit SocketStream(Fd fd);

  IoResult Read(std::span<char> buffer) override;
  IoResult Await(std::span<char> buffer) override;
  IoResult Write(std::span<const iovec> pieces) override;
  bool IsSilent() override;
  bool CloseWrite() override;
  int fd() const override;
  absl::Status error() const override;

 private:
  IoResult Received(ssize_t got);
  IoResult Failed(int error);
  // Lets the socket wait where no MSG_DONTWAIT forbids it.
  bool AllowWaiting();

  Fd fd_;
  bool may_wait_ = false;
  int errno_ = 0;
};

}  // namespace meshlib::net

#endif  // MESHLIB_NET_SOCKET_STREAM_H_
