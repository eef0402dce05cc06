// TlsStream: the ByteStream of TLS over another ByteStream.

#ifndef MESHLIB_TRANSPORT_TLS_STREAM_H_
#define MESHLIB_TRANSPORT_TLS_STREAM_H_

#include <memory>

#include "net/byte_stream.h"
#include "tls/engine.h"

namespace meshlib::transport {

// A record that the socket did not take whole counts as not written yet: Write() says kAgain, and
// the same bytes given again are reported once the record is out. An end of the connection without
// close_notify is an error of Read(), as a truncation would be.
// Loop-bound.
class TlsStream final : public net::ByteStream {
 public:
  // REQUIRES: the handshake of `engine` has ended and its output was sent.
  TlsStream(std::unique_ptr<net::ByteStream> socket, std::unique_ptr<tls::Engine> engine);

  net::IoResult Read(std::span<char> buffer) override;
  net::IoResult Write(std::span<const iovec> pieces) override;
  bool IsSilent() override;
  void CloseWrite() override;
  int fd() const override { return socket_->fd(); }
  absl::Status error() const override;

  const tls::Engine& engine() const { return *engine_; }

 private:
  const std::unique_ptr<net::ByteStream> socket_;
  const std::unique_ptr<tls::Engine> engine_;
};

}  // namespace meshlib::transport

#endif  // MESHLIB_TRANSPORT_TLS_STREAM_H_
