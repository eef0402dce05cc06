// SPDX-License-Identifier: Apache-2.0
// Arrival: a connection from its acceptance until it can be served.

#ifndef MESHLIB_SERVER_ARRIVAL_H_
#define MESHLIB_SERVER_ARRIVAL_H_

#include <cstddef>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/timer.h"
#include "net/fd.h"
#include "server/chain_match.h"
#include "server/inbound_policy.h"
#include "server/serving.h"
#include "tls/context.h"
#include "transport/first_bytes.h"
#include "transport/lingering_close.h"
#include "transport/tls_handshake.h"

namespace meshlib::server {

class LoopServer;

// Sees the first bytes, chooses the chain by them, and does the handshake that the chain asks for.
// Where TLS is asked for there is no other way to be served. Tells its LoopServer how it ended.
// Loop-bound: use only on the loop of its LoopServer.
class Arrival final {
 public:
  Arrival(LoopServer& server, net::Fd fd, ConnectionFacts facts);
  Arrival(const Arrival&) = delete;
  Arrival& operator=(const Arrival&) = delete;

  void Start();
  // The server drains: what is not served at `until` is closed.
  void Drain(absl::Time until);
  void Close();

  // Its place in the LoopServer's list.
  size_t index() const { return index_; }
  void set_index(size_t index) { index_ = index; }

 private:
  void OnOpened(absl::StatusOr<transport::OpenedConnection> opened);
  void StartHandshake(transport::OpenedConnection opened);
  void OnSecured(absl::StatusOr<std::unique_ptr<transport::TlsStream>> stream);
  void RefuseHandshake(const absl::Status& reason);
  void Refuse(Refusal kind, std::string_view reason);

  LoopServer& server_;
  size_t index_ = 0;
  net::Fd fd_;
  ConnectionFacts facts_;
  const absl::Time deadline_;
  std::shared_ptr<const InboundChain> chain_;
  std::shared_ptr<const tls::ServerContext> context_;
  bool ended_ = false;
  base::Timer drain_timer_;
  std::unique_ptr<transport::FirstBytes> first_bytes_;
  std::unique_ptr<transport::TlsHandshake> handshake_;
  std::unique_ptr<transport::LingeringClose> goodbye_;
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_ARRIVAL_H_
