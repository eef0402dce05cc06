// SPDX-License-Identifier: Apache-2.0
#include "mesh/workload_certificates.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "identity/ca_identity.h"
#include "identity/file_identity.h"
#include "identity/local_certificate_service.h"
#include "identity/workload_name.h"
#include "mesh/system_roots.h"
#include "rpc/grpc_certificate_service.h"

namespace meshlib::mesh {
namespace {

using Kind = ControlPlaneTarget::Kind;

constexpr std::string_view kFiles = "files:";

identity::WorkloadName NameOf(const MeshOptions& options) {
  identity::WorkloadName name{.name_space = options.pod_namespace,
                              .service_account = options.service_account};
  if (!options.trust_domain.empty()) name.trust_domain = options.trust_domain;
  return name;
}

std::string ClusterIdOf(const MeshOptions& options) {
  const auto it = options.metadata.find("CLUSTER_ID");
  return it == options.metadata.end() ? "Kubernetes" : it->second;
}

bool IsUnix(const ControlPlaneTarget& target) { return target.address.starts_with("unix:"); }

}  // namespace

rpc::ControlPlaneSecurity SecurityOf(const MeshOptions& options) {
  return {.root_file = options.root_file == "SYSTEM" ? FindSystemRoots() : options.root_file,
          .server_name = options.control_plane_server_name,
          .token_file = options.token_file == "none" ? "" : options.token_file,
          .cluster_id = ClusterIdOf(options)};
}

absl::StatusOr<std::unique_ptr<WorkloadCertificates>> WorkloadCertificates::Start(
    const MeshOptions& options, const ControlPlaneTarget& target, net::Loop& loop,
    const base::Clock& clock, const Log& log) {
  if (absl::Status named = identity::CheckWorkloadName(NameOf(options)); !named.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("mesh: ", named.message()));
  }
  std::unique_ptr<WorkloadCertificates> certificates(
      new WorkloadCertificates(!options.identity.empty(), log));
  absl::Status status = certificates->Choose(options, target, loop, clock);
  if (!status.ok()) return status;
  return certificates;
}

WorkloadCertificates::~WorkloadCertificates() = default;

absl::Status WorkloadCertificates::Choose(const MeshOptions& options,
                                          const ControlPlaneTarget& target, net::Loop& loop,
                                          const base::Clock& clock) {
  const std::string& asked = options.identity;
  if (asked == "none") return absl::OkStatus();
  if (asked.starts_with(kFiles)) return StartFiles(asked.substr(kFiles.size()), loop, clock);
  ControlPlaneTarget authority = target;
  if (!asked.empty()) {
    auto named = ParseControlPlaneTarget(asked);
    if (!named.ok() || named->kind == Kind::kYaml || (!named->secure && !IsUnix(*named))) {
      return absl::InvalidArgumentError(absl::StrCat(
          "identity \"", asked, "\": it is files:DIR, grpcs://HOST:PORT, unix:PATH or none"));
    }
    authority = *std::move(named);
  }
  if (authority.kind == Kind::kYaml) return StartAuthority(options, loop, clock);
  if (authority.secure || IsUnix(authority)) StartClient(options, authority, loop, clock);
  return absl::OkStatus();
}

absl::Status WorkloadCertificates::StartFiles(const std::string& directory, net::Loop& loop,
                                              const base::Clock& clock) {
  auto files = identity::FileIdentitySource::Start({.directory = directory}, loop, clock, this);
  if (!files.ok()) return files.status();
  source_ = *std::move(files);
  return absl::OkStatus();
}

absl::Status WorkloadCertificates::StartAuthority(const MeshOptions& options, net::Loop& loop,
                                                  const base::Clock& clock) {
  const identity::CertificateAuthorityOptions authority{
      .trust_domain = NameOf(options).trust_domain, .lifetime = options.certificate_lifetime};
  auto started =
      options.ca_key_file.empty()
          ? identity::CertificateAuthority::InMemory(authority, clock)
          : identity::CertificateAuthority::InFile(options.ca_key_file, authority, clock);
  if (!started.ok()) return started.status();
  authority_ = *std::move(started);
  service_ =
      std::make_unique<identity::LocalCertificateService>(*authority_, NameOf(options), loop);
  StartRenewal(options, loop, clock);
  return absl::OkStatus();
}

void WorkloadCertificates::StartClient(const MeshOptions& options, const ControlPlaneTarget& target,
                                       net::Loop& loop, const base::Clock& clock) {
  rpc::GrpcCertificateServiceOptions client{.address = target.address};
  if (target.secure) {
    client.security = SecurityOf(options);
  } else {
    client.metadata = {{"NAMESPACE", options.pod_namespace},
                       {"SERVICE_ACCOUNT", options.service_account}};
  }
  service_ = std::make_unique<rpc::GrpcCertificateService>(loop, clock, std::move(client));
  StartRenewal(options, loop, clock);
}

void WorkloadCertificates::StartRenewal(const MeshOptions& options, net::Loop& loop,
                                        const base::Clock& clock) {
  source_ = std::make_unique<identity::CaIdentitySource>(
      identity::CaIdentityOptions{.name = NameOf(options),
                                  .lifetime = options.certificate_lifetime},
      *service_, loop, clock, base::Random::FromEntropy(),
      static_cast<identity::IdentityObserver*>(this));
}

resource::Report WorkloadCertificates::Report() const {
  if (source_ == nullptr) return {};
  const absl::Status status = source_->status();
  if (IsUnwanted(status)) return {};
  using resource::Disposition;
  return {{.disposition = status.ok() ? Disposition::kApplied : Disposition::kRejected,
           .resource_type = "WorkloadIdentity",
           .resource_name = "default",
           .field = "",
           .message = Identity().ToString(),
           .origin = {}}};
}

IdentityReport WorkloadCertificates::Identity() const {
  IdentityReport report;
  if (source_ == nullptr) return report;
  if (const auto current = source_->Current()) {
    report.spiffe_id = current->spiffe_id;
    report.expires_at = current->expires_at;
  }
  const identity::RenewalRecord& record = source_->record();
  report.renewals = record.succeeded > 0 ? record.succeeded - 1 : 0;
  report.failed_renewals = record.failed;
  report.failing_since = record.failing_since;
  const absl::Status status = source_->status();
  if (!IsUnwanted(status)) report.last_error = std::string(status.message());
  return report;
}

bool WorkloadCertificates::IsUnwanted(const absl::Status& status) const {
  return !is_asked_for_ && absl::IsUnimplemented(status);
}

void WorkloadCertificates::OnIdentity(const identity::WorkloadIdentity& identity) {
  log_.Info(absl::StrCat("identity: ", identity.spiffe_id, " until ",
                         absl::FormatTime(identity.expires_at, absl::UTCTimeZone())));
}

void WorkloadCertificates::OnProblem(identity::Urgency urgency, const absl::Status& problem) {
  const std::string text(problem.message());
  // A control plane need not be an authority.
  if (IsUnwanted(problem)) {
    if (!std::exchange(has_said_unimplemented_, true)) log_.Info(text);
    return;
  }
  log_.Write(urgency == identity::Urgency::kUrgent ? LogSeverity::kError : LogSeverity::kWarning,
             text);
}

}  // namespace meshlib::mesh
