// SPDX-License-Identifier: Apache-2.0
#include "server/acceptor.h"

#include <optional>
#include <utility>

#include "base/string_view.h"
#include "net/socket.h"

namespace meshlib::server {
namespace {

constexpr absl::Duration kPauseWhenExhausted = absl::Milliseconds(100);
constexpr absl::Duration kPauseWhenFull = absl::Milliseconds(20);

}  // namespace

Acceptor::Acceptor(net::Loop& loop, net::Fd listener, std::shared_ptr<Serving> serving, Deal deal)
    : loop_(loop),
      listener_(std::move(listener)),
      serving_(std::move(serving)),
      deal_(std::move(deal)),
      resume_timer_(loop.timers(), [this] { Watch(); }) {}

Acceptor::~Acceptor() {
  if (watched_) loop_.Unwatch(listener_.get(), this);
}

void Acceptor::Start() { Watch(); }

void Acceptor::Stop() {
  if (!listener_) return;
  resume_timer_.Cancel();
  if (watched_) {
    loop_.Unwatch(listener_.get(), this);
    watched_ = false;
    // What cannot be accepted now is refused with the socket.
    static_cast<void>(AcceptWaiting());
  }
  listener_.Reset();
}

void Acceptor::OnReady(uint32_t) {
  const absl::Status status = AcceptWaiting();
  if (status.ok()) return;
  if (absl::IsOutOfRange(status)) return Pause(kPauseWhenFull);
  if (!reported_) serving_->Log(LogSeverity::kWarning, base::StdView(status.message()));
  reported_ = true;
  Pause(kPauseWhenExhausted);
}

absl::Status Acceptor::AcceptWaiting() {
  for (;;) {
    if (serving_->connections.value() >= serving_->options.max_connections) {
      return absl::OutOfRangeError("as many connections as there may be");
    }
    absl::StatusOr<std::optional<net::Accepted>> accepted = net::Accept(listener_.get());
    if (!accepted.ok()) return accepted.status();
    if (!accepted->has_value()) return absl::OkStatus();
    reported_ = false;
    deal_(std::move((*accepted)->fd), (*accepted)->peer);
  }
}

void Acceptor::Watch() {
  watched_ = loop_.Watch(listener_.get(), net::kReadable, this).ok();
  if (!watched_) Pause(kPauseWhenExhausted);
}

void Acceptor::Pause(absl::Duration time) {
  if (watched_) loop_.Unwatch(listener_.get(), this);
  watched_ = false;
  resume_timer_.ArmAt(loop_.Now() + time);
}

}  // namespace meshlib::server
