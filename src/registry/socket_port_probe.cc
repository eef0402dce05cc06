// SPDX-License-Identifier: Apache-2.0
#include "registry/socket_port_probe.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/timer.h"
#include "net/socket.h"

namespace meshlib::registry {
namespace {

// One connection being made, until it has ended or is destroyed.
class Connecting final : public net::FdHandler {
 public:
  Connecting(net::Loop& loop, const resource::Address& address, absl::Duration patience,
             absl::AnyInvocable<void(absl::Status)> done)
      : loop_(loop),
        address_(address),
        done_(std::move(done)),
        timer_(loop.timers(), [this] { End(timer_status_); }),
        timer_status_(absl::DeadlineExceededError(
            absl::StrCat("connect ", address.ToString(), ": no answer"))) {
    absl::StatusOr<net::Fd> fd = net::StartConnect(address);
    if (fd.ok()) {
      fd_ = *std::move(fd);
      timer_status_.Update(loop_.Watch(fd_.get(), net::kWritable, this));
      timer_.ArmAt(loop_.Now() + patience);
    } else {
      timer_status_ = fd.status();
      timer_.ArmAt(loop_.Now());  // never inside Probe()
    }
  }
  ~Connecting() override { Close(); }

  void OnReady(uint32_t /*readiness*/) override { End(net::ConnectResult(fd_.get(), address_)); }

 private:
  void Close() {
    if (!fd_) return;
    loop_.Unwatch(fd_.get(), this);
    fd_.Reset();
  }

  // May destroy this.
  void End(absl::Status status) {
    Close();
    timer_.Cancel();
    auto done = std::exchange(done_, nullptr);
    done(std::move(status));
  }

  net::Loop& loop_;
  const resource::Address address_;
  absl::AnyInvocable<void(absl::Status)> done_;
  net::Fd fd_;
  base::Timer timer_;
  absl::Status timer_status_;  // what it means when the timer is first
};

}  // namespace

base::Subscription SocketPortProbe::Probe(const resource::Address& address,
                                          absl::AnyInvocable<void(absl::Status)> done) {
  auto connecting = std::make_unique<Connecting>(loop_, address, patience_, std::move(done));
  return base::Subscription(
      [connecting = std::move(connecting)]() mutable { connecting = nullptr; });
}

}  // namespace meshlib::registry
