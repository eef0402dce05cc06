// SPDX-License-Identifier: Apache-2.0
// Connector: connects to the first of several addresses that answers.

#ifndef MESHLIB_CONNECTION_CONNECTOR_H_
#define MESHLIB_CONNECTION_CONNECTOR_H_

#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/timer.h"
#include "net/fd.h"
#include "net/loop.h"
#include "resource/address.h"

namespace meshlib::connection {

// RFC 8305 sections 4 and 5: families alternate, each address has 250 ms before the next one is
// tried as well, and the first connection wins. Destroying it cancels; `done` may do so.
// Loop-bound: use only on the loop passed to the constructor.
class Connector final {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<net::Fd>)>;

  explicit Connector(net::Loop& loop);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  // Calls `done` once, never inside Start(): with a connected socket, or with the error of the last
  // address, or DEADLINE_EXCEEDED after `timeout`. REQUIRES: addresses is not empty; started once.
  void Start(const std::vector<resource::Address>& addresses, absl::Duration timeout, Done done);

 private:
  class Try;

  void StartNext();
  void OnTryEnded(Try* ended, absl::Status result);
  void OnTimeout();
  void Finish(absl::StatusOr<net::Fd> result);

  net::Loop& loop_;
  std::vector<resource::Address> addresses_;  // in the order of trying
  size_t next_ = 0;
  std::vector<std::unique_ptr<Try>> tries_;
  absl::Status last_error_;
  base::Timer stagger_;
  base::Timer timeout_;
  absl::Duration limit_;
  Done done_;
};

}  // namespace meshlib::connection

#endif  // MESHLIB_CONNECTION_CONNECTOR_H_
