// TlsHandshake: makes a connected socket a TlsStream.

#ifndef MESHLIB_TRANSPORT_TLS_HANDSHAKE_H_
#define MESHLIB_TRANSPORT_TLS_HANDSHAKE_H_

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/timer.h"
#include "net/byte_stream.h"
#include "net/loop.h"
#include "tls/engine.h"
#include "transport/tls_stream.h"

namespace meshlib::transport {

// Either side. Destroying it cancels; `done` may do so.
// Loop-bound: use only on the loop passed to the constructor.
class TlsHandshake final : private net::FdHandler {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<std::unique_ptr<TlsStream>>)>;

  explicit TlsHandshake(net::Loop& loop);
  ~TlsHandshake() override;

  // Calls `done` once, never inside Start(): with the stream, not watched any more; or with why the
  // peer was refused or refused us; or DEADLINE_EXCEEDED after `timeout`.
  void Start(std::unique_ptr<net::ByteStream> socket, std::unique_ptr<tls::Engine> engine,
             absl::Duration timeout, Done done);

 private:
  void OnReady(uint32_t readiness) override;

  net::Loop& loop_;
  std::unique_ptr<net::ByteStream> socket_;
  std::unique_ptr<tls::Engine> engine_;
  base::Timer timeout_;
  Done done_;
};

}  // namespace meshlib::transport

#endif  // MESHLIB_TRANSPORT_TLS_HANDSHAKE_H_
