// SPDX-License-Identifier: Apache-2.0
// TlsStream: the ByteStream of TLS over another ByteStream.

#ifndef MESHLIB_TRANSPORT_TLS_STREAM_H_
#define MESHLIB_TRANSPORT_TLS_STREAM_H_

#include <cstddef>
#include <memory>

#include "net/byte_stream.h"
#include "tls/engine.h"

namespace meshlib::transport {

// Read() takes out all that has been received, so that no decrypted byte waits where no readiness
// announces it: it needs a buffer of kLeastRead bytes. Only what came with the handshake may be
// there already: whoever expects the peer to speak first reads once before waiting.
//
// Write() seals up to 64 KiB and sends them with one system call. What the socket did not take
// whole counts as not written yet: Write() says kAgain, and the same bytes given again are reported
// once their records are out. An end of the connection without close_notify is an error of Read(),
// as a truncation would be.
//
// Neither allocates in the long run. Loop-bound.
class TlsStream final : public net::ByteStream {
 public:
  static constexpr size_t kLeastRead = 32 * 1024;

  // REQUIRES: the handshake of `engine` has ended and its output was sent.
  TlsStream(std::unique_ptr<net::ByteStream> socket, std::unique_ptr<tls::Engine> engine);

  net::IoResult Read(std::span<char> buffer) override;
  net::IoResult Await(std::span<char> buffer) override;
  bool HasEnded() const override { return read_ended_; }
  net::IoResult Write(std::span<const iovec> pieces) override;
  // Records that are only for TLS itself (tickets, key updates) are taken in silence.
  bool IsSilent() override;
  // Says close_notify, then ends the socket's writing side.
  bool CloseWrite() override;
  int fd() const override { return socket_->fd(); }
  absl::Status error() const override;

  const tls::Engine& engine() const { return *engine_; }

 private:
  // How the socket is read.
  using SocketRead = net::IoResult (net::ByteStream::*)(std::span<char> buffer);
  // `read` is how it is read first; what follows never waits.
  net::IoResult ReadBy(SocketRead read, std::span<char> buffer);
  // Fills `buffer` from what the engine has. kAgain: it needs more bytes of the peer.
  tls::Engine::Step Decrypt(std::span<char> buffer, size_t* filled);
  net::IoResult::Kind Receive(SocketRead read, std::span<char> scratch);
  bool Seal(std::span<const iovec> pieces);

  const std::unique_ptr<net::ByteStream> socket_;
  const std::unique_ptr<tls::Engine> engine_;
  size_t sealed_ = 0;        // plaintext in records that are not reported as written yet
  bool peer_ended_ = false;  // the socket's peer
  bool read_ended_ = false;  // the engine's, or it has failed
  bool said_close_ = false;
};

}  // namespace meshlib::transport

#endif  // MESHLIB_TRANSPORT_TLS_STREAM_H_
