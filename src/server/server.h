// SPDX-License-Identifier: Apache-2.0
// Server: incoming HTTP Calls on one port or unix socket.

#ifndef MESHLIB_SERVER_SERVER_H_
#define MESHLIB_SERVER_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "meshlib/http_server.h"
#include "resource/address.h"
#include "server/acceptor.h"
#include "server/inbound_policy.h"
#include "server/loop_server.h"
#include "server/serving.h"

namespace meshlib::server {

// Listens from Start() on, and accepts from the first Configure() on: clients that connect before
// wait in the kernel. One loop accepts and hands each connection to the loop that has the fewest.
//
// Thread-safe; Drain() and the destructor must not be called on a loop.
class Server final : public HttpServer {
 public:
  // INVALID_ARGUMENT for an address that is none, ALREADY_EXISTS when it is in use; the text names
  // it. Certificates and keys that do not do are named with the cause. An empty address is 0.0.0.0.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServeOptions options, Handler handler,
                                                       ServerDependencies dependencies);
  // Closes all connections and waits for the handlers that run on workers: they cannot be stopped.
  ~Server() override;

  // The policy of connections and requests that begin from now on. Connections that it has no chain
  // for, or other TLS, end with their Call.
  void Configure(InboundPolicy policy);
  // The same for a port that has no policy: plaintext for all, or TLS as its options say.
  void ConfigureByOptions();

  std::string address() const override { return address_.ToString(); }
  uint16_t port() const override { return address_.port(); }
  void Drain(absl::Duration deadline) override;

  // How many connections there are.
  size_t connections() const { return serving_->connections.value(); }

 private:
  Server(std::shared_ptr<Serving> serving, const resource::Address& address,
         ServerContextSource own_tls);
  // On the accepting loop.
  void Deal(net::Fd fd, const resource::Address& peer);
  void StopAccepting();

  const std::shared_ptr<Serving> serving_;
  const resource::Address address_;
  const ServerContextSource own_tls_;  // of ServeOptions; empty: plaintext
  const size_t accepting_loop_;
  std::vector<std::unique_ptr<LoopServer>> loops_;  // by index of the LoopThreads
  std::unique_ptr<Acceptor> acceptor_;              // of the accepting loop
  base::Mutex mutex_;
  bool accepting_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_SERVER_H_
