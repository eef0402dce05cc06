// SPDX-License-Identifier: Apache-2.0
#include "transport/tls_handshake.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "transport/engine_output.h"

namespace meshlib::transport {
namespace {

using net::IoResult;

// So much may be received behind the end of the handshake: TlsStream::Read() takes it all at once.
constexpr size_t kReadSize = 16 * 1024;

}  // namespace

TlsHandshake::TlsHandshake(net::Loop& loop)
    : loop_(loop), timer_(loop.timers(), [this] { OnTimer(); }) {}

TlsHandshake::~TlsHandshake() {
  if (interest_ != 0) loop_.Unwatch(socket_->fd(), this);
}

void TlsHandshake::Start(std::unique_ptr<net::ByteStream> socket,
                         std::unique_ptr<tls::Engine> engine, absl::Duration timeout, Done done) {
  socket_ = std::move(socket);
  engine_ = std::move(engine);
  limit_ = timeout;
  done_ = std::move(done);
  ended_ = Advance() != Progress::kWaits;
  timer_.ArmAt(ended_ ? loop_.Now() : loop_.Now() + timeout);
}

void TlsHandshake::OnReady(uint32_t readiness) {
  if (ended_) return;
  if ((readiness & (net::kReadable | net::kError)) != 0) {
    std::array<char, kReadSize> buffer;
    const IoResult result = socket_->Read(buffer);
    if (result.kind == IoResult::Kind::kDone) {
      engine_->Receive(std::span(buffer).first(result.bytes));
    } else if (result.kind == IoResult::Kind::kEof) {
      engine_->ReceiveEnd();
    } else if (result.kind == IoResult::Kind::kError) {
      Failed(socket_->error());
      return Finish();
    }
  }
  if (Advance() != Progress::kWaits) Finish();
}

void TlsHandshake::OnTimer() {
  if (!ended_) {
    Failed(absl::DeadlineExceededError(
        absl::StrCat("the TLS handshake took longer than ", absl::FormatDuration(limit_))));
  }
  Finish();
}

TlsHandshake::Progress TlsHandshake::Advance() {
  const tls::Engine::Step step = engine_->Handshake();
  const IoResult::Kind sent = SendOutput(*engine_, *socket_);
  if (step == tls::Engine::Step::kError) return Failed(engine_->error());
  if (sent == IoResult::Kind::kError) return Failed(socket_->error());
  if (step == tls::Engine::Step::kDone && sent == IoResult::Kind::kDone) return Progress::kDone;
  // With something to send left, nothing that is received could move the handshake.
  const absl::Status watched =
      SetInterest(sent == IoResult::Kind::kAgain ? net::kWritable : net::kReadable);
  return watched.ok() ? Progress::kWaits : Failed(watched);
}

TlsHandshake::Progress TlsHandshake::Failed(absl::Status status) {
  result_ = std::move(status);
  return Progress::kFailed;
}

absl::Status TlsHandshake::SetInterest(uint32_t interest) {
  if (interest == interest_) return absl::OkStatus();
  const bool watched = std::exchange(interest_, interest) != 0;
  return watched ? loop_.Modify(socket_->fd(), interest, this)
                 : loop_.Watch(socket_->fd(), interest, this);
}

void TlsHandshake::Finish() {
  timer_.Cancel();
  if (interest_ != 0) loop_.Unwatch(socket_->fd(), this);
  interest_ = 0;
  Done done = std::move(done_);
  // The socket is closed afterwards: whoever sees the end can read why.
  if (!result_.ok()) return done(std::move(result_));
  done(std::make_unique<TlsStream>(std::move(socket_), std::move(engine_)));
}

}  // namespace meshlib::transport
