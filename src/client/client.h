// SPDX-License-Identifier: Apache-2.0
// Client: outgoing HTTP Calls, in all their forms, through the mesh.

#ifndef MESHLIB_CLIENT_CLIENT_H_
#define MESHLIB_CLIENT_CLIENT_H_

#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/observer.h"
#include "base/published.h"
#include "client/blocking_loops.h"
#include "client/call_environment.h"
#include "client/call_loop.h"
#include "client/client_options.h"
#include "client/configuration_demand.h"
#include "meshlib/http_client.h"
#include "net/loop_threads.h"
#include "snapshot/mesh_snapshot.h"

namespace meshlib::client {

// What a Client works with. All of it must outlive the Client.
struct ClientDependencies {
  net::LoopThreads& threads;  // callback and streaming Calls run on these
  base::Published<snapshot::MeshSnapshot>& snapshots;
  ConfigurationDemand& demand;
  base::Clock& clock;
  base::Observer* observer = nullptr;  // told of each Call; null: nobody
};

// The composition root constructs one, calls OnPublished() after every Publish of a snapshot and
// Visit() at least once a second, both on the control thread, and Shutdown() before the
// LoopThreads stop.
//
// Blocking Calls run on loops of their own that the calling threads borrow (at most
// max_blocking_loops at a time); callback and streaming Calls on the loops of `threads`.
//
// Thread-safe.
class Client final : public HttpClient {
 public:
  Client(ClientOptions options, ClientDependencies dependencies);
  // As Shutdown().
  ~Client() override;

  using HttpClient::Call;
  absl::Status Call(HttpExchange& exchange) override;
  void Start(HttpExchange& exchange, Done done) override;
  std::unique_ptr<HttpStream> Open(const HttpRequest& request, const CallOptions& options,
                                   StreamHandler& handler) override;
  absl::StatusOr<std::unique_ptr<BlockingStream>> OpenBlocking(const HttpRequest& request,
                                                               const CallOptions& options) override;

  // A new snapshot is out: Calls that wait for it go on, and every loop lets go of old ones.
  // Control thread only.
  void OnPublished();
  // The janitor's round over the idle borrowed loops: sees closed connections, ends those that were
  // idle for too long, and destroys loops that nobody borrowed for 10 s. Control thread only.
  void Visit();
  // Fails the Calls that are left with kShutdown and closes every connection; later Calls fail with
  // kShutdown. Blocks until borrowed loops are back: destroy BlockingStreams before. Must not be
  // called on a loop.
  void Shutdown();

 protected:
  absl::StatusOr<HttpResponse> CallOwned(std::string_view method, std::string_view url,
                                         std::string_view content_type, std::string_view body,
                                         const CallOptions& options) override;

 private:
  // FAILED_PRECONDITION on a loop thread: names the handler or callback that runs there.
  absl::StatusOr<std::unique_ptr<BlockingLoop>> Borrow(const CallOptions& options);

  net::LoopThreads& threads_;
  CallEnvironment environment_;
  BlockingLoops blocking_loops_;
  std::vector<std::unique_ptr<CallLoop>> loops_;  // in the order of threads_
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_CLIENT_H_
