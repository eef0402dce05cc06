// SPDX-License-Identifier: Apache-2.0
#include "transport/lingering_close.h"

#include <array>
#include <utility>

namespace meshlib::transport {
namespace {

constexpr size_t kReadSize = 16 * 1024;

}  // namespace

LingeringClose::LingeringClose(net::Loop& loop)
    : loop_(loop), timer_(loop.timers(), [this] { Finish(); }) {}

LingeringClose::~LingeringClose() { Close(); }

void LingeringClose::Start(std::unique_ptr<net::ByteStream> stream, absl::Duration timeout,
                           Done done) {
  stream_ = std::move(stream);
  done_ = std::move(done);
  stream_->CloseWrite();
  const bool watched = loop_.Watch(stream_->fd(), net::kReadable, this).ok();
  timer_.ArmAt(watched ? loop_.Now() + timeout : loop_.Now());
}

void LingeringClose::OnReady(uint32_t) {
  std::array<char, kReadSize> buffer;
  const net::IoResult result = stream_->Read(buffer);
  if (result.kind == net::IoResult::Kind::kAgain) return;
  thrown_away_ += result.bytes;
  if (result.kind != net::IoResult::Kind::kDone || thrown_away_ > kMostThrownAway) Finish();
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
