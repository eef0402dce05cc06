// SPDX-License-Identifier: Apache-2.0
// EmbeddedControlPlane: the control plane that serves a directory of Istio YAML.

#ifndef MESHLIB_MESH_EMBEDDED_CONTROL_PLANE_H_
#define MESHLIB_MESH_EMBEDDED_CONTROL_PLANE_H_

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ads_server/ads_server.h"
#include "manifest/manifest_directory.h"
#include "mesh/log.h"
#include "net/directory_watch.h"
#include "net/loop.h"
#include "registry/registry.h"
#include "registry/socket_port_probe.h"
#include "translate/mesh_source.h"

namespace meshlib::mesh {

// A value.
struct EmbeddedControlPlaneOptions {
  std::string directory;
  std::set<std::string> allow_unenforced;
  // Empty: that of the MeshConfig, or else cluster.local.
  std::string trust_domain{};
  // Whether clients may be the same as before a restart of this process: their endpoints are
  // withheld until they have come back.
  bool expect_reconnects = false;
};

// Files -> manifest -> resources -> ADS streams, and the workloads that register on them. Watches
// the directory: a change is served at once, a file that breaks keeps its last good state and is
// logged with its place, and so is its mending. Loop-bound: made, used and destroyed on the loop of
// Start().
class EmbeddedControlPlane final {
 public:
  // Fails as ManifestDirectory::Start(). INVALID_ARGUMENT: the MeshConfig has another trust domain.
  // REQUIRES: `loop` and `log` outlive it.
  static absl::StatusOr<std::unique_ptr<EmbeddedControlPlane>> Start(
      EmbeddedControlPlaneOptions options, net::Loop& loop, const Log& log);
  ~EmbeddedControlPlane();

  // For transports: in-process, or gRPC.
  ads_server::AdsServer& server() { return server_; }
  const manifest::ManifestDirectory& files() const { return files_; }
  // The same as long as it lives: that of the certificates which its workloads have.
  const std::string& trust_domain() const { return trust_domain_; }

 private:
  class NackLog;

  EmbeddedControlPlane(EmbeddedControlPlaneOptions options, net::Loop& loop, const Log& log);

  absl::Status LoadAndWatch();
  absl::Status ChooseTrustDomain();
  void Update();
  void Reload();
  void LogProblems(const std::vector<manifest::Problem>& problems) const;
  // Says which files have no errors any more.
  void LogMended();
  void LogReport();

  net::Loop& loop_;
  const Log& log_;
  manifest::ManifestDirectory files_;
  registry::SocketPortProbe probe_;
  registry::Registry registry_;
  translate::MeshSource source_;
  std::string trust_domain_;
  std::set<std::string> broken_;    // files with errors
  std::set<std::string> reported_;  // lines of the source's report that were logged
  const std::unique_ptr<NackLog> nack_log_;
  ads_server::AdsServer server_;
  std::unique_ptr<net::DirectoryWatch> watch_;
};

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_EMBEDDED_CONTROL_PLANE_H_
