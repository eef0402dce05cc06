// SPDX-License-Identifier: Apache-2.0
// WorkloadCertificates: where the certificate of a Mesh's workload comes from.

#ifndef MESHLIB_MESH_WORKLOAD_CERTIFICATES_H_
#define MESHLIB_MESH_WORKLOAD_CERTIFICATES_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "identity/certificate_authority.h"
#include "identity/certificate_service.h"
#include "identity/identity_observer.h"
#include "identity/identity_source.h"
#include "mesh/control_plane_target.h"
#include "mesh/log.h"
#include "meshlib/mesh_options.h"
#include "meshlib/report.h"
#include "net/loop.h"
#include "resource/report.h"
#include "rpc/control_plane_security.h"

namespace meshlib::mesh {

// The roots and the token that `options` name for servers with TLS.
rpc::ControlPlaneSecurity SecurityOf(const MeshOptions& options);

// Chooses by MeshOptions::identity, and where that is empty by the control plane: an authority in
// this process, at its unix socket, or at its TLS port; none at a plaintext one. Says what becomes
// of certificates to `log`. Control thread only.
class WorkloadCertificates final : private identity::IdentityObserver {
 public:
  // INVALID_ARGUMENT names the option. REQUIRES: `loop`, `clock` and `log` outlive it.
  static absl::StatusOr<std::unique_ptr<WorkloadCertificates>> Start(
      const MeshOptions& options, const ControlPlaneTarget& target, net::Loop& loop,
      const base::Clock& clock, const Log& log);
  ~WorkloadCertificates() override;

  // Null: the workload has no certificate, and does not want one.
  identity::IdentitySource* source() const { return source_.get(); }

  // One line, while the workload has, or wants, a certificate: applied, or rejected with the
  // reason.
  resource::Report Report() const;
  IdentityReport Identity() const;

 private:
  // Nobody has asked for a certificate, and the control plane issues none.
  bool IsUnwanted(const absl::Status& status) const;

  WorkloadCertificates(bool is_asked_for, const Log& log)
      : is_asked_for_(is_asked_for), log_(log) {}
  absl::Status Choose(const MeshOptions& options, const ControlPlaneTarget& target, net::Loop& loop,
                      const base::Clock& clock);
  absl::Status StartAuthority(const MeshOptions& options, net::Loop& loop,
                              const base::Clock& clock);
  absl::Status StartFiles(const std::string& directory, net::Loop& loop, const base::Clock& clock);
  void StartClient(const MeshOptions& options, const ControlPlaneTarget& target, net::Loop& loop,
                   const base::Clock& clock);
  void StartRenewal(const MeshOptions& options, net::Loop& loop, const base::Clock& clock);

  void OnIdentity(const identity::WorkloadIdentity& identity) override;
  void OnProblem(identity::Urgency urgency, const absl::Status& problem) override;

  const bool is_asked_for_;  // by the user, not only possible
  const Log& log_;
  bool has_said_unimplemented_ = false;
  std::unique_ptr<identity::CertificateAuthority> authority_;  // of this process
  std::unique_ptr<identity::CertificateService> service_;
  std::unique_ptr<identity::IdentitySource> source_;
};

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_WORKLOAD_CERTIFICATES_H_
