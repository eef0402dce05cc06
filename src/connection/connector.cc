// SPDX-License-Identifier: Apache-2.0
#include "connection/connector.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "net/socket.h"

namespace meshlib::connection {
namespace {

// RFC 8305 section 8, Connection Attempt Delay.
constexpr absl::Duration kStagger = absl::Milliseconds(250);

// RFC 8305 section 4: the first address's family, then the families in turn.
std::vector<resource::Address> Alternating(const std::vector<resource::Address>& addresses) {
  std::vector<resource::Address> first;
  std::vector<resource::Address> second;
  for (const resource::Address& address : addresses) {
    (address.family() == addresses.front().family() ? first : second).push_back(address);
  }
  std::vector<resource::Address> ordered;
  for (size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) ordered.push_back(first[i]);
    if (i < second.size()) ordered.push_back(second[i]);
  }
  return ordered;
}

}  // namespace

// One address being connected to.
class Connector::Try final : public net::FdHandler {
 public:
  Try(Connector& connector, net::Loop& loop, resource::Address address, net::Fd fd)
      : connector_(connector), loop_(loop), address_(std::move(address)), fd_(std::move(fd)) {}
  ~Try() override {
    if (fd_) loop_.Unwatch(fd_.get(), this);
  }

  absl::Status Watch() { return loop_.Watch(fd_.get(), net::kWritable, this); }
  void OnReady(uint32_t /*readiness*/) override {
    connector_.OnTryEnded(this, net::ConnectResult(fd_.get(), address_));
  }
  net::Fd Take() {
    loop_.Unwatch(fd_.get(), this);
    return std::move(fd_);
  }

 private:
  Connector& connector_;
  net::Loop& loop_;
  const resource::Address address_;
  net::Fd fd_;
};

Connector::Connector(net::Loop& loop)
    : loop_(loop),
      stagger_(loop.timers(), [this] { StartNext(); }),
      timeout_(loop.timers(), [this] { OnTimeout(); }) {}

Connector::~Connector() = default;

void Connector::Start(const std::vector<resource::Address>& addresses, absl::Duration timeout,
                      Done done) {
  addresses_ = Alternating(addresses);
  done_ = std::move(done);
  limit_ = timeout;
  timeout_.ArmAt(loop_.Now() + timeout);
  StartNext();
}

void Connector::StartNext() {
  if (next_ == addresses_.size()) {
    if (tries_.empty()) Finish(last_error_);
    return;
  }
  const resource::Address& address = addresses_[next_++];
  absl::StatusOr<net::Fd> fd = net::StartConnect(address);
  absl::Status started = fd.status();
  if (fd.ok()) {
    tries_.push_back(std::make_unique<Try>(*this, loop_, address, *std::move(fd)));
    started = tries_.back()->Watch();
    if (!started.ok()) tries_.pop_back();
  }
  if (!started.ok()) last_error_ = started;
  // At once after a failure; never within Start().
  stagger_.ArmAt(started.ok() ? loop_.Now() + kStagger : loop_.Now());
}

void Connector::OnTryEnded(Try* ended, absl::Status result) {
  if (result.ok()) return Finish(ended->Take());
  last_error_ = std::move(result);
  std::erase_if(tries_, [&](const auto& candidate) { return candidate.get() == ended; });
  if (next_ < addresses_.size() || tries_.empty()) StartNext();
}

void Connector::OnTimeout() {
  Finish(absl::DeadlineExceededError(absl::StrCat("connect ", addresses_.front().ToString(),
                                                  ": no answer within ",
                                                  absl::FormatDuration(limit_))));
}

// `done` may destroy this object.
void Connector::Finish(absl::StatusOr<net::Fd> result) {
  stagger_.Cancel();
  timeout_.Cancel();
  tries_.clear();
  Done done = std::move(done_);
  done(std::move(result));
}

}  // namespace meshlib::connection
