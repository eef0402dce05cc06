// SPDX-License-Identifier: Apache-2.0
#include "mesh/running_mesh.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "ads_server/in_process_transport.h"
#include "base/check.h"
#include "mesh/explainer.h"
#include "mesh/public_report.h"
#include "mesh/security_report.h"
#include "mesh/system_roots.h"
#include "rpc/grpc_ads_transport.h"

namespace meshlib {

absl::StatusOr<std::unique_ptr<Mesh>> Mesh::Start(MeshOptions options) {
  return mesh::RunningMesh::Start(std::move(options));
}

namespace mesh {
namespace {

constexpr absl::Duration kJanitorInterval = absl::Milliseconds(500);

MeshOptions WithDefaults(MeshOptions options) {
  if (options.instance_ip.empty()) options.instance_ip = "127.0.0.1";
  if (options.pod_name.empty()) options.pod_name = "meshlib";
  return options;
}

absl::Status Check(const MeshOptions& options) {
  if (!resource::Address::FromIp(options.instance_ip, 0)) {
    return absl::InvalidArgumentError("mesh: instance_ip \"" + options.instance_ip +
                                      "\" is not an IP address");
  }
  if (options.node_type != "sidecar" && options.node_type != "router") {
    return absl::InvalidArgumentError("mesh: node_type \"" + options.node_type +
                                      "\" is neither sidecar nor router");
  }
  if (options.max_blocking_loops < 1 || options.max_worker_threads < 1 ||
      options.loop_threads < 0) {
    return absl::InvalidArgumentError(
        "mesh: max_blocking_loops and max_worker_threads must be at least 1, loop_threads at "
        "least 0");
  }
  return absl::OkStatus();
}

xds::NodeIdentity NodeOf(const MeshOptions& options) {
  xds::NodeIdentity node;
  node.type = options.node_type;
  node.name = options.pod_name;
  node.name_space = options.pod_namespace;
  node.cluster_domain = options.cluster_domain;
  node.ips = {options.instance_ip};
  node.service_account = options.service_account;
  node.labels = options.labels;
  node.metadata = options.metadata;
  return node;
}

std::unique_ptr<xds::AdsProtocol> ProtocolOf(const MeshOptions& options) {
  const xds::NodeIdentity node = NodeOf(options);
  return options.xds_delta ? xds::MakeDeltaProtocol(node) : xds::MakeSotwProtocol(node);
}

client::ClientOptions ClientOptionsOf(const MeshOptions& options) {
  client::ClientOptions client;
  client.pod_namespace = options.pod_namespace;
  client.cluster_domain = options.cluster_domain;
  client.default_deadline = options.default_deadline;
  client.max_buffered_body = options.max_buffered_body;
  client.propagate_headers = options.propagate_headers;
  client.outbound_traffic_policy = options.outbound_traffic_policy;
  client.unknown_host_wait = options.unknown_host_wait;
  client.max_blocking_loops = options.max_blocking_loops;
  client.max_tls_connection_age = options.max_tls_connection_age;
  return client;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Mesh>> RunningMesh::Start(MeshOptions options) {
  auto target = ParseControlPlaneTarget(options.control_plane);
  if (!target.ok()) return target.status();
  options = WithDefaults(std::move(options));
  if (absl::Status status = Check(options); !status.ok()) return status;
  LogSink sink = std::move(options.log_sink);
  std::unique_ptr<RunningMesh> mesh(new RunningMesh(std::move(options), std::move(sink)));
  if (absl::Status status = mesh->StartThreads(); !status.ok()) return status;
  if (absl::Status status = mesh->StartControl(*target); !status.ok()) return status;
  mesh->StartClient();
  return std::unique_ptr<Mesh>(std::move(mesh));
}

RunningMesh::RunningMesh(MeshOptions options, LogSink sink)
    : options_(std::move(options)),
      log_(std::move(sink)),
      outages_(options_.control_plane, clock_, log_) {}

absl::Status RunningMesh::StartThreads() {
  auto control = ControlThread::Start(clock_);
  if (!control.ok()) return control.status();
  control_thread_ = *std::move(control);
  auto loops = net::LoopThreads::Start(options_.loop_threads, clock_);
  if (!loops.ok()) return loops.status();
  loop_threads_ = *std::move(loops);
  workers_ = std::make_unique<server::WorkerPool>(
      server::WorkerPoolOptions{.max_threads = static_cast<size_t>(options_.max_worker_threads)});
  return absl::OkStatus();
}

absl::Status RunningMesh::StartControl(const ControlPlaneTarget& target) {
  absl::Status status;
  control_thread_->RunSync([&] {
    net::Loop& loop = control_thread_->loop();
    auto resolver = net::CreateDnsResolver(loop);
    status = resolver.status();
    if (!status.ok()) return;
    control_.resolver = *std::move(resolver);
    status = MakeTransport(target);
    if (!status.ok()) return;
    status = StartCertificates(target);
    if (!status.ok()) return;
    control_.ads = std::make_unique<xds::AdsClient>(
        loop, *control_.transport, ProtocolOf(options_), base::Random::FromEntropy(),
        xds::AdsClientOptions(), static_cast<xds::AdsClientObserver*>(this));
    control_.snapshots = std::make_unique<snapshot::SnapshotBuilder>(
        snapshot::SnapshotOptions{.all_listeners = options_.node_type == "router"}, *control_.ads,
        loop, *control_.resolver, published_,
        [this](const snapshot::MeshSnapshot&) {
          if (client_ != nullptr) client_->OnPublished();
          waiter_.Notify();
        },
        TlsSources());
  });
  return status;
}

absl::Status RunningMesh::StartCertificates(const ControlPlaneTarget& target) {
  net::Loop& loop = control_thread_->loop();
  auto certificates = WorkloadCertificates::Start(options_, target, loop, clock_, log_);
  if (!certificates.ok()) return certificates.status();
  control_.certificates = *std::move(certificates);
  control_.files = net::SystemFiles(loop);
  control_.inbound_tls = std::make_unique<InboundTls>(TlsSources());
  return absl::OkStatus();
}

snapshot::TlsMaterialSources RunningMesh::TlsSources() {
  return {.files = control_.files.get(),
          .identity = control_.certificates->source(),
          .system_roots = options_.system_roots.empty() ? FindSystemRoots() : options_.system_roots,
          .warn = [this](std::string_view line) { log_.Warning(std::string(line)); }};
}

absl::Status RunningMesh::MakeTransport(const ControlPlaneTarget& target) {
  net::Loop& loop = control_thread_->loop();
  if (target.kind == ControlPlaneTarget::Kind::kGrpc) {
    control_.transport = std::make_unique<rpc::GrpcAdsTransport>(
        loop, target.address,
        target.secure ? std::make_optional(SecurityOf(options_)) : std::nullopt);
    return absl::OkStatus();
  }
  auto plane = EmbeddedControlPlane::Start(
      {.directory = target.address,
       .allow_unenforced = {options_.allow_unenforced.begin(), options_.allow_unenforced.end()},
       .trust_domain = options_.trust_domain},
      loop, log_);
  if (!plane.ok()) return plane.status();
  control_.plane = *std::move(plane);
  options_.trust_domain = control_.plane->trust_domain();
  control_.transport = std::make_unique<ads_server::InProcessTransport>(
      loop, control_.plane->server(), "yaml:" + target.address);
  return absl::OkStatus();
}

void RunningMesh::StartClient() {
  net::Loop& loop = control_thread_->loop();
  demand_ = std::make_unique<Demand>(
      loop, [this](const std::string& name) { control_.snapshots->Require(name); },
      [this](const std::string& host, uint16_t port) {
        control_.snapshots->RequireHost(host, port);
      },
      [this] { control_.snapshots->RequireUrlTls(); }, ready_);
  control_thread_->RunSync([&] {
    client_ = std::make_unique<client::Client>(ClientOptionsOf(options_),
                                               client::ClientDependencies{.threads = *loop_threads_,
                                                                          .snapshots = published_,
                                                                          .demand = *demand_,
                                                                          .clock = clock_});
    control_.janitor = std::make_unique<base::Timer>(loop.timers(), [this] { RunJanitor(); });
    RunJanitor();
  });
}

void RunningMesh::RunJanitor() {
  client_->Visit();
  published_.DropRetired();
  control_.janitor->ArmAt(control_thread_->loop().Now() + kJanitorInterval);
}

RunningMesh::~RunningMesh() {
  if (loop_threads_ != nullptr && loop_threads_->CurrentIndex() != loop_threads_->size()) {
    MESHLIB_BUG("a Mesh must not be destroyed on one of its own threads");
  }
  servers_.StopAll();
  if (client_ != nullptr) client_->Shutdown();
  if (control_thread_ != nullptr) {
    control_thread_->RunSync([&] { control_.janitor.reset(); });
  }
  workers_.reset();
  if (loop_threads_ != nullptr) loop_threads_->Stop();
  if (control_thread_ != nullptr) {
    control_thread_->RunSync([&] {
      client_.reset();
      control_.snapshots.reset();
      control_.inbound_tls.reset();
      control_.files.reset();
      control_.certificates.reset();
      control_.ads.reset();
      control_.transport.reset();
      control_.plane.reset();
      control_.resolver.reset();
    });
    control_thread_->Stop();
  }
}

absl::Status RunningMesh::WaitUntilReady(absl::Duration deadline) {
  if (waiter_.WaitUntil([&] { return ready_.load(); }, deadline)) return absl::OkStatus();
  return absl::DeadlineExceededError("mesh: " + options_.control_plane +
                                     " has not answered within " + absl::FormatDuration(deadline) +
                                     ": " + WhyNotReady());
}

std::string RunningMesh::WhyNotReady() const {
  absl::Status status;
  control_thread_->RunSync([&] { status = control_.ads->StreamStatus(); });
  return status.ok() ? "it is connected" : std::string(status.message());
}

void RunningMesh::OnStreamUp() {
  ready_ = true;
  waiter_.Notify();
}

void RunningMesh::OnAnswered() { outages_.OnAnswered(); }

void RunningMesh::OnStreamDown(const absl::Status& status) { outages_.OnStreamDown(status); }

void RunningMesh::OnRejected(std::string_view type_label, std::string_view version,
                             std::string_view problems) {
  log_.Error("xds: rejected in version " + std::string(version) + " of " + std::string(type_label) +
             ": " + std::string(problems));
}

absl::StatusOr<std::unique_ptr<HttpServer>> RunningMesh::ServeHttp(ServeOptions options,
                                                                   HttpHandler handler) {
  return Serve(std::move(options), std::move(handler));
}

absl::StatusOr<std::unique_ptr<HttpServer>> RunningMesh::ServeHttpOnLoop(ServeOptions options,
                                                                         LoopHandler handler) {
  return Serve(std::move(options), std::move(handler));
}

absl::StatusOr<std::unique_ptr<HttpServer>> RunningMesh::ServeHttpStreams(ServeOptions options,
                                                                          StreamAcceptor acceptor) {
  return Serve(std::move(options), std::move(acceptor));
}

absl::StatusOr<std::unique_ptr<HttpServer>> RunningMesh::Serve(ServeOptions options,
                                                               server::Handler handler) {
  if (options.mesh && !options.unix_path.empty()) {
    return absl::InvalidArgumentError("server: a unix socket cannot be a port of the mesh");
  }
  if (options.mesh && options.port == 0) {
    return absl::InvalidArgumentError("server: a port of the mesh must be named, 0 is none");
  }
  if (options.mesh && options.tls) {
    return absl::InvalidArgumentError(
        "server: a port of the mesh has the certificates that its policies say; ServeOptions::tls "
        "needs mesh = false");
  }
  if (options.address.empty() && options.unix_path.empty() && options.mesh) {
    options.address = options_.instance_ip;
  }
  if (!options.max_tls_connection_age) {
    options.max_tls_connection_age = options_.max_tls_connection_age;
  }
  const bool member = options.mesh;
  const Unconfigured unconfigured = options.unconfigured;
  auto server = server::Server::Start(
      std::move(options), std::move(handler),
      {.threads = *loop_threads_,
       .workers = *workers_,
       .clock = clock_,
       .log = [this](LogSeverity severity, std::string_view line) { log_.Write(severity, line); }});
  if (!server.ok()) return server.status();
  auto slot = std::make_shared<ServerSlot>(*control_thread_, *std::move(server));
  if (member) {
    slot->Join([&, raw = slot.get()] {
      return std::make_unique<InboundPort>(
          raw->address(), unconfigured, *control_.ads, control_thread_->loop(), log_,
          [this](const resource::TlsContext& settings) {
            return control_.inbound_tls->Resolve(settings);
          },
          [raw](server::InboundPolicy policy) { raw->server().Configure(std::move(policy)); },
          [this](std::function<void()> changed) {
            return control_.inbound_tls->Watch(std::move(changed));
          });
    });
  } else {
    slot->server().ConfigureByOptions();
  }
  return servers_.Add(std::move(slot));
}

absl::StatusOr<Explanation> RunningMesh::Explain(const HttpRequest& request,
                                                 const CallOptions& options) {
  auto explainer = Explainer::Make(
      request, options,
      {.pod_namespace = options_.pod_namespace, .cluster_domain = options_.cluster_domain},
      options_.outbound_traffic_policy);
  if (!explainer.ok()) return explainer.status();
  const uint64_t random = 0;
  std::optional<Explanation> explanation;
  const auto explain = [&] {
    const auto snapshot = published_.Latest();
    if (snapshot != nullptr) explanation = explainer->Explain(*snapshot, random);
    return explanation.has_value();
  };
  if (explain()) return *std::move(explanation);
  for (const std::string& name : explainer->listeners()) demand_->Require(name);
  if (explainer->is_https()) demand_->RequireUrlTls();
  const absl::Duration patience = options.deadline.value_or(options_.default_deadline);
  if (waiter_.WaitUntil(explain, patience)) return *std::move(explanation);
  return MakeCallError({.reason = CallErrorReason::kNotReady},
                       "snapshot: no configuration for \"" + explainer->listeners().front() +
                           "\" within " + absl::FormatDuration(patience) + ": " + WhyNotReady());
}

ConfigurationReport RunningMesh::Report() const {
  resource::Report report;
  resource::Report identity;
  control_thread_->RunSync([&] {
    report = control_.snapshots->Report();
    identity = control_.certificates->Report();
  });
  resource::Report security;
  if (const auto snapshot = published_.Latest()) security = SecurityReport(*snapshot);
  std::move(security.begin(), security.end(), std::back_inserter(report));
  std::move(identity.begin(), identity.end(), std::back_inserter(report));
  return PublicReport(report);
}

IdentityReport RunningMesh::Identity() const {
  IdentityReport report;
  control_thread_->RunSync([&] { report = control_.certificates->Identity(); });
  return report;
}

void RunningMesh::Drain(absl::Duration deadline) {
  const absl::Time end = clock_.Now() + deadline;
  servers_.DeregisterAll();
  const absl::Duration propagation = std::min(options_.drain_propagation_delay, deadline);
  waiter_.WaitUntil([] { return false; }, propagation);
  servers_.DrainAll(std::max(end - clock_.Now(), absl::ZeroDuration()));
}

}  // namespace mesh
}  // namespace meshlib
