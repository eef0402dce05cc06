// SPDX-License-Identifier: Apache-2.0
// Acceptor: a listening socket -> connections.

#ifndef MESHLIB_SERVER_ACCEPTOR_H_
#define MESHLIB_SERVER_ACCEPTOR_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "base/timer.h"
#include "net/fd.h"
#include "net/loop.h"
#include "resource/address.h"
#include "server/serving.h"

namespace meshlib::server {

// Hands accepted connections to `deal`. When descriptors have run out, or the Server has as many
// connections as it may, it pauses; clients wait in the kernel's queue meanwhile.
// Loop-bound: use only on the loop passed to the constructor.
class Acceptor final : public net::FdHandler {
 public:
  using Deal = std::function<void(net::Fd fd, const resource::Address& peer)>;
  Acceptor(net::Loop& loop, net::Fd listener, std::shared_ptr<Serving> serving, Deal deal);
  ~Acceptor() override;

  void Start();
  // Accepts what the kernel has completed already, and closes the socket.
  void Stop();
  void OnReady(uint32_t readiness) override;

 private:
  // Returns why it stopped: OK when nobody waits any more.
  absl::Status AcceptWaiting();
  void Watch();
  void Pause(absl::Duration time);

  net::Loop& loop_;
  net::Fd listener_;
  const std::shared_ptr<Serving> serving_;
  const Deal deal_;
  bool watched_ = false;
  bool reported_ = false;  // that descriptors have run out, since the last success
  base::Timer resume_timer_;
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_ACCEPTOR_H_
