// SPDX-License-Identifier: Apache-2.0
// FakePortProbe: ports that accept connections when a test says so.

#ifndef MESHLIB_FAKE_FAKE_PORT_PROBE_H_
#define MESHLIB_FAKE_FAKE_PORT_PROBE_H_

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/event_loop.h"
#include "registry/port_probe.h"

namespace meshlib::fake {

// Answers in the next turn of the loop. Loop-bound.
class FakePortProbe final : public registry::PortProbe {
 public:
  explicit FakePortProbe(base::EventLoop& loop) : loop_(loop) {}

  // The ports that are open: "127.0.0.1:9080".
  std::set<std::string>& open() { return open_; }
  int probes() const { return probes_; }

  base::Subscription Probe(const resource::Address& address,
                           absl::AnyInvocable<void(absl::Status)> done) override {
    ++probes_;
    auto waiting = std::make_shared<absl::AnyInvocable<void(absl::Status)>>(std::move(done));
    loop_.Post([this, weak = std::weak_ptr(waiting), port = address.ToString()] {
      const auto callback = weak.lock();
      if (callback == nullptr) return;
      (*callback)(open_.count(port) != 0 ? absl::OkStatus()
                                         : absl::UnavailableError("connection refused"));
    });
    return base::Subscription([waiting] {});
  }

 private:
  base::EventLoop& loop_;
  std::set<std::string> open_;
  int probes_ = 0;
};

}  // namespace meshlib::fake

#endif  // MESHLIB_FAKE_FAKE_PORT_PROBE_H_
