// SPDX-License-Identifier: Apache-2.0
// ConnectionWaiter: whoever waits for a connection of an EndpointPool.

#ifndef MESHLIB_CONNECTION_CONNECTION_WAITER_H_
#define MESHLIB_CONNECTION_CONNECTION_WAITER_H_

#include "absl/status/status.h"

namespace meshlib::connection {

class EndpointPool;
class Http1Connection;

// A link of the pool's queue itself, so that waiting allocates nothing. Destroying it, or
// StopWaiting(), leaves the queue. Loop-bound.
class ConnectionWaiter {
 public:
  ConnectionWaiter() = default;
  ConnectionWaiter(const ConnectionWaiter&) = delete;
  ConnectionWaiter& operator=(const ConnectionWaiter&) = delete;
  virtual ~ConnectionWaiter() { StopWaiting(); }

  // `connection` is idle and must be used at once: by Begin() or Decline().
  virtual void OnConnection(Http1Connection& connection) = 0;
  // No connection could be made: `cause` names the address and why.
  virtual void OnConnectionFailed(const absl::Status& cause) = 0;

  bool is_waiting() const { return pool_ != nullptr; }
  void StopWaiting();

 private:
  friend class EndpointPool;
  EndpointPool* pool_ = nullptr;  // null: in no queue
  ConnectionWaiter* previous_ = nullptr;
  ConnectionWaiter* next_ = nullptr;
};

}  // namespace meshlib::connection

#endif  // MESHLIB_CONNECTION_CONNECTION_WAITER_H_
