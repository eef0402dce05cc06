// SPDX-License-Identifier: Apache-2.0
#include "transport/lingering_close.h"

#include <array>
#include <utility>

#include "transport/tls_stream.h"

namespace meshlib::transport {

using net::IoResult;

LingeringClose::LingeringClose(net::Loop& loop)
    : loop_(loop), timer_(loop.timers(), [this] { Finish(); }) {}

LingeringClose::~LingeringClose() { Close(); }

void LingeringClose::Start(std::unique_ptr<net::ByteStream> stream, const LingerLimits& limits,
                           Done done) {
  stream_ = std::move(stream);
  most_thrown_away_ = limits.most_thrown_away;
  done_ = std::move(done);
  end_waits_ = !stream_->CloseWrite();
  const bool watched = loop_.Watch(stream_->fd(), Interest(), this).ok();
  timer_.ArmAt(watched ? loop_.Now() + limits.timeout : loop_.Now());
}

void LingeringClose::OnReady(uint32_t readiness) {
  const IoResult::Kind kind = ThrowAway();
  if (kind == IoResult::Kind::kError) return Finish();
  if (end_waits_ && (readiness & net::kWritable) != 0) {
    end_waits_ = !stream_->CloseWrite();
    if (!loop_.Modify(stream_->fd(), Interest(), this).ok()) return Finish();
  }
  if (kind == IoResult::Kind::kEof || thrown_away_ > most_thrown_away_) Finish();
}

IoResult::Kind LingeringClose::ThrowAway() {
  std::array<char, TlsStream::kLeastRead> buffer;
  for (;;) {
    const IoResult result = stream_->Read(buffer);
    thrown_away_ += result.bytes;
    if (result.kind != IoResult::Kind::kDone || !stream_->HasEnded()) return result.kind;
  }
}

uint32_t LingeringClose::Interest() const {
  return end_waits_ ? net::kReadable | net::kWritable : net::kReadable;
}

void LingeringClose::Finish() {
  Close();
  Done done = std::move(done_);
  done();
}

void LingeringClose::Close() {
  timer_.Cancel();
  if (stream_ == nullptr) return;
  loop_.Unwatch(stream_->fd(), this);
  stream_.reset();
}

}  // namespace meshlib::transport
