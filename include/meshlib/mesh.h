// SPDX-License-Identifier: Apache-2.0
// Mesh: a process's membership in a service mesh.

#ifndef MESHLIB_MESH_H_
#define MESHLIB_MESH_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "meshlib/call_error.h"
#include "meshlib/explain.h"
#include "meshlib/export.h"
#include "meshlib/http.h"
#include "meshlib/http_client.h"
#include "meshlib/http_server.h"
#include "meshlib/mesh_options.h"
#include "meshlib/report.h"

namespace meshlib {

// Joins the mesh: discovery, routing, load balancing, retries and time-outs for the Calls of this
// process, by the configuration of the mesh's control plane. Make one per process; two work too.
//
//   auto mesh = meshlib::Mesh::Start(meshlib::MeshOptions::FromEnvironment().value()).value();
//   auto reviews = mesh->http().Get("http://reviews:9080/reviews/0");
//
// Its threads end with it. Do not destroy it on one of its own threads.
// Thread-safe.
class MESHLIB_EXPORT Mesh {
 public:
  // Checks `options` and starts. Does not wait for the control plane: Calls wait for their
  // configuration within their own deadlines.
  static absl::StatusOr<std::unique_ptr<Mesh>> Start(MeshOptions options);
  virtual ~Mesh() = default;

  // Blocks until the control plane has answered once; DEADLINE_EXCEEDED with the reason otherwise.
  virtual absl::Status WaitUntilReady(absl::Duration deadline) = 0;

  virtual HttpClient& http() = 0;

  // Serves HTTP. Binds and listens at once (errors name the address), accepts when configured.
  virtual absl::StatusOr<std::unique_ptr<HttpServer>> ServeHttp(ServeOptions options,
                                                                HttpHandler handler) = 0;
  virtual absl::StatusOr<std::unique_ptr<HttpServer>> ServeHttpOnLoop(ServeOptions options,
                                                                      LoopHandler handler) = 0;
  virtual absl::StatusOr<std::unique_ptr<HttpServer>> ServeHttpStreams(ServeOptions options,
                                                                       StreamAcceptor acceptor) = 0;

  // What would happen to this request. Waits for its configuration like a Call; sends nothing.
  virtual absl::StatusOr<Explanation> Explain(const HttpRequest& request,
                                              const CallOptions& options = {}) = 0;

  // What became of the fields of the newest configuration, then how the endpoints of each Cluster
  // in use are called, and a line for the workload's certificate, if it wants one.
  virtual ConfigurationReport Report() const = 0;
  // The workload's certificate.
  virtual IdentityReport Identity() const = 0;

  // Leaves the mesh gracefully: deregisters, keeps serving for the propagation delay, drains the
  // servers, lets their outgoing Calls finish, and ends within `deadline`.
  virtual void Drain(absl::Duration deadline) = 0;
};

}  // namespace meshlib

#endif  // MESHLIB_MESH_H_
