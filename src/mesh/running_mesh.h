// SPDX-License-Identifier: Apache-2.0
// RunningMesh: the composition root. It makes every part, owns the threads, and ends them in order.

#ifndef MESHLIB_MESH_RUNNING_MESH_H_
#define MESHLIB_MESH_RUNNING_MESH_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/published.h"
#include "base/timer.h"
#include "client/client.h"
#include "mesh/control_plane_target.h"
#include "mesh/control_thread.h"
#include "mesh/demand.h"
#include "mesh/embedded_control_plane.h"
#include "mesh/inbound_tls.h"
#include "mesh/log.h"
#include "mesh/mesh_server.h"
#include "mesh/outage_log.h"
#include "mesh/snapshot_waiter.h"
#include "mesh/workload_certificates.h"
#include "meshlib/mesh.h"
#include "net/file_source.h"
#include "net/loop_threads.h"
#include "net/resolver.h"
#include "server/worker_pool.h"
#include "snapshot/snapshot_builder.h"
#include "xds/ads_client.h"
#include "xds/ads_transport.h"

namespace meshlib::mesh {

// Thread-safe.
class RunningMesh final : public Mesh, private xds::AdsClientObserver {
 public:
  static absl::StatusOr<std::unique_ptr<Mesh>> Start(MeshOptions options);
  ~RunningMesh() override;

  absl::Status WaitUntilReady(absl::Duration deadline) override;
  HttpClient& http() override { return *client_; }
  absl::StatusOr<std::unique_ptr<HttpServer>> ServeHttp(ServeOptions options,
                                                        HttpHandler handler) override;
  absl::StatusOr<std::unique_ptr<HttpServer>> ServeHttpOnLoop(ServeOptions options,
                                                              LoopHandler handler) override;
  absl::StatusOr<std::unique_ptr<HttpServer>> ServeHttpStreams(ServeOptions options,
                                                               StreamAcceptor acceptor) override;
  absl::StatusOr<Explanation> Explain(const HttpRequest& request,
                                      const CallOptions& options) override;
  ConfigurationReport Report() const override;
  IdentityReport Identity() const override;
  void Drain(absl::Duration deadline) override;

 private:
  // What lives on the control thread. Members in the order of their dependencies.
  struct Control {
    std::unique_ptr<net::Resolver> resolver;
    std::unique_ptr<EmbeddedControlPlane> plane;  // yaml: only
    std::unique_ptr<WorkloadCertificates> certificates;
    std::unique_ptr<xds::AdsTransport> transport;
    std::unique_ptr<xds::AdsClient> ads;
    std::unique_ptr<net::FileSource> files;
    std::unique_ptr<snapshot::SnapshotBuilder> snapshots;
    std::unique_ptr<InboundTls> inbound_tls;
    std::unique_ptr<base::Timer> janitor;
  };

  RunningMesh(MeshOptions options, LogSink sink);
  absl::Status StartThreads();
  absl::Status StartControl(const ControlPlaneTarget& target);
  absl::Status StartCertificates(const ControlPlaneTarget& target);
  snapshot::TlsMaterialSources TlsSources();
  absl::Status MakeTransport(const ControlPlaneTarget& target);
  void StartClient();
  void RunJanitor();

  void OnStreamUp() override;
  void OnAnswered() override;
  void OnStreamDown(const absl::Status& status) override;
  void OnRejected(std::string_view type_label, std::string_view version,
                  std::string_view problems) override;

  absl::StatusOr<std::unique_ptr<HttpServer>> Serve(ServeOptions options, server::Handler handler);
  std::string WhyNotReady() const;

  MeshOptions options_;  // constant once Start() has returned
  base::SystemClock clock_;
  Log log_;
  OutageLog outages_;  // control thread
  base::Published<snapshot::MeshSnapshot> published_;
  SnapshotWaiter waiter_;
  std::atomic<bool> ready_{false};

  std::unique_ptr<ControlThread> control_thread_;
  std::unique_ptr<net::LoopThreads> loop_threads_;
  std::unique_ptr<server::WorkerPool> workers_;
  std::unique_ptr<Demand> demand_;
  Control control_;
  std::unique_ptr<client::Client> client_;
  MeshServers servers_;
};

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_RUNNING_MESH_H_
