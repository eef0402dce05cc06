// Client: outgoing HTTP Calls, in all their forms, through the mesh.

#ifndef MESHLIB_CLIENT_CLIENT_H_
#define MESHLIB_CLIENT_CLIENT_H_

#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/observer.h"
#include "base/published.h"
#include "client/client_options.h"
#include "client/configuration_demand.h"
#include "meshlib/http_client.h"
#include "net/loop_threads.h"
#include "net/resolver.h"
#include "snapshot/mesh_snapshot.h"

namespace meshlib::client {

// Makes the Resolver of a loop, for Calls that leave the mesh.
using ResolverFactory =
    std::function<absl::StatusOr<std::unique_ptr<net::Resolver>>(net::Loop& loop)>;

// What a Client works with. All of it must outlive the Client.
struct ClientDependencies {
  net::LoopThreads& threads;  // callback and streaming Calls run on these
  base::Published<snapshot::MeshSnapshot>& snapshots;
  ConfigurationDemand& demand;
  base::Clock& clock;
  base::Observer* observer = nullptr;  // told of each Call; null: nobody
  ResolverFactory make_resolver;       // empty: DNS
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
  // Does not block. Control thread only.
  void OnPublished();
  // The janitor's round over the idle borrowed loops: sees closed connections, ends those that were
  // idle for too long, and destroys loops that nobody borrowed for 10 s. Control thread only.
  void Visit();
  // Fails the Calls that are left with kShutdown and closes every connection; later Calls fail with
  // kShutdown. Blocks until borrowed loops are back. Must not be called on a loop.
  void Shutdown();

 private:
  class Body;
  std::unique_ptr<Body> body_;
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_CLIENT_H_
