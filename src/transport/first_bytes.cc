// SPDX-License-Identifier: Apache-2.0
#include "transport/first_bytes.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"

namespace meshlib::transport {
namespace {

// A usual ClientHello, and the whole head of a usual request.
constexpr size_t kReadSize = 4096;

}  // namespace

FirstBytes::FirstBytes(net::Loop& loop)
    : loop_(loop), timer_(loop.timers(), [this] { OnTimeout(); }) {}

FirstBytes::~FirstBytes() {
  if (socket_ != nullptr) loop_.Unwatch(socket_->fd(), this);
}

void FirstBytes::Start(std::unique_ptr<net::ByteStream> socket, absl::Duration timeout, Done done) {
  socket_ = std::move(socket);
  limit_ = timeout;
  done_ = std::move(done);
  failure_ = loop_.Watch(socket_->fd(), net::kReadable, this);
  timer_.ArmAt(failure_.ok() ? loop_.Now() + timeout : loop_.Now());
}

void FirstBytes::OnReady(uint32_t) {
  std::array<char, kReadSize> buffer;
  const net::IoResult result = socket_->Read(buffer);
  switch (result.kind) {
    case net::IoResult::Kind::kAgain:
      return;
    case net::IoResult::Kind::kEof:
      return Finish(bytes_.empty() ? absl::CancelledError("the client left without a byte")
                                   : absl::UnavailableError("the client left in its ClientHello"));
    case net::IoResult::Kind::kError:
      return Finish(socket_->error());
    case net::IoResult::Kind::kDone:
      break;
  }
  bytes_.append(buffer.data(), result.bytes);
  Opening opening = InspectOpening(bytes_);
  if (opening.kind == Opening::Kind::kUndecided) return;
  loop_.Unwatch(socket_->fd(), this);
  Finish(OpenedConnection{std::move(socket_), std::move(bytes_), std::move(opening)});
}

void FirstBytes::OnTimeout() {
  if (!failure_.ok()) return Finish(failure_);
  Finish(absl::DeadlineExceededError(
      absl::StrCat("the client was silent for ", absl::FormatDuration(limit_))));
}

void FirstBytes::Finish(absl::StatusOr<OpenedConnection> result) {
  timer_.Cancel();
  if (socket_ != nullptr) loop_.Unwatch(socket_->fd(), this);
  // Closed afterwards: whoever sees the end can read why.
  const std::unique_ptr<net::ByteStream> socket = std::move(socket_);
  Done done = std::move(done_);
  done(std::move(result));
}

}  // namespace meshlib::transport
