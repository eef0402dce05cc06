// SPDX-License-Identifier: Apache-2.0
// TlsHandshake: makes a connected socket a TlsStream.

#ifndef MESHLIB_TRANSPORT_TLS_HANDSHAKE_H_
#define MESHLIB_TRANSPORT_TLS_HANDSHAKE_H_

#include <cstdint>
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

// Either side. What was read from the socket before is given to the engine before Start(). Of what
// follows the handshake the stream may hold up to 16 KiB. Destroying it cancels; `done` may do so.
// Loop-bound: use only on the loop passed to the constructor.
class TlsHandshake final : private net::FdHandler {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<std::unique_ptr<TlsStream>>)>;

  explicit TlsHandshake(net::Loop& loop);
  ~TlsHandshake() override;
  TlsHandshake(const TlsHandshake&) = delete;
  TlsHandshake& operator=(const TlsHandshake&) = delete;

  // Calls `done` once, never inside Start(): with the stream, not watched any more; or with why the
  // peer was refused or refused us; or DEADLINE_EXCEEDED after `timeout`. REQUIRES: started once.
  void Start(std::unique_ptr<net::ByteStream> socket, std::unique_ptr<tls::Engine> engine,
             absl::Duration timeout, Done done);
  // Of a handshake that has failed, not watched: whoever wants the peer to see the alert does not
  // just close it. Otherwise it is closed with this. REQUIRES: `done` is called with an error.
  std::unique_ptr<net::ByteStream> TakeSocket() { return std::move(socket_); }

 private:
  enum class Progress : uint8_t { kWaits, kDone, kFailed };

  void OnReady(uint32_t readiness) override;
  void OnTimer();
  Progress Advance();
  Progress Failed(absl::Status status);
  absl::Status SetInterest(uint32_t interest);
  // Destroys this, maybe.
  void Finish();

  net::Loop& loop_;
  std::unique_ptr<net::ByteStream> socket_;
  std::unique_ptr<tls::Engine> engine_;
  uint32_t interest_ = 0;  // 0: not watched
  bool ended_ = false;     // `result_` says how; told by the timer when that was in Start()
  absl::Status result_;
  absl::Duration limit_;
  base::Timer timer_;
  Done done_;
};

}  // namespace meshlib::transport

#endif  // MESHLIB_TRANSPORT_TLS_HANDSHAKE_H_
