// SPDX-License-Identifier: Apache-2.0
// meshctl serve: the control plane of a directory of Istio YAML, for other processes.

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "authority.h"
#include "commands.h"
#include "identity/certificate_authority.h"
#include "identity/certificate_endpoint.h"
#include "identity/serving_certificates.h"
#include "line_sink.h"
#include "member.h"
#include "mesh/control_thread.h"
#include "mesh/embedded_control_plane.h"
#include "mesh/log.h"
#include "rpc/grpc_ads_server.h"
#include "termination.h"

namespace meshctl {
namespace {

struct ServeOptions {
  std::string directory;
  std::string listen;
  std::string listen_tls;
  std::string unix_path;
  std::vector<std::string> tls_names;
  std::string root_file;
  AuthorityOptions authority;
  std::vector<std::string> allow_unenforced;
  bool verbose = false;
};

constexpr const char* kDefaultListen = "127.0.0.1:15010";

// What runs on the control thread, destroyed there in reverse order.
struct Serving {
  std::unique_ptr<meshlib::identity::CertificateAuthority> authority;
  std::unique_ptr<meshlib::identity::ServingCertificates> serving_certificates;  // --listen-tls
  std::unique_ptr<meshlib::identity::CertificateEndpoint> by_token;
  std::unique_ptr<meshlib::identity::CertificateEndpoint> open;  // on the unix socket
  std::unique_ptr<meshlib::mesh::EmbeddedControlPlane> plane;
  std::vector<std::unique_ptr<meshlib::rpc::GrpcAdsServer>> servers;
  std::string addresses;

  void Stop() {
    servers.clear();
    plane.reset();
    serving_certificates.reset();
  }
};

std::string HostOf(const std::string& listen) { return listen.substr(0, listen.rfind(':')); }

// Who may be asked for by name: the address itself, and what Istio's clients ask for.
std::vector<std::string> NamesOf(const ServeOptions& options) {
  std::vector<std::string> names = options.tls_names;
  std::string host = HostOf(options.listen_tls);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  for (std::string name : {host, std::string("127.0.0.1"), std::string("localhost"),
                           std::string("istiod.istio-system.svc")}) {
    const bool any = name.empty() || name == "0.0.0.0" || name == "::";
    if (!any && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

absl::Status StartCertificates(const ServeOptions& options, const meshlib::base::Clock& clock,
                               const meshlib::mesh::Log& log, Serving* serving) {
  using meshlib::identity::CallerProof;
  using meshlib::identity::CertificateEndpoint;
  AuthorityOptions of_mesh = options.authority;
  of_mesh.trust_domain = serving->plane->trust_domain();
  auto authority = StartAuthority(of_mesh, clock);
  if (!authority.ok()) return authority.status();
  serving->authority = *std::move(authority);
  const auto issued = [&log](const std::string& line) { log.Info(line); };
  serving->by_token =
      std::make_unique<CertificateEndpoint>(*serving->authority, CallerProof::kToken, issued);
  serving->open =
      std::make_unique<CertificateEndpoint>(*serving->authority, CallerProof::kNothing, issued);
  if (options.root_file.empty()) return absl::OkStatus();
  std::ofstream file(options.root_file, std::ios::binary | std::ios::trunc);
  file << serving->authority->root_pem();
  file.close();
  return file ? absl::OkStatus()
              : absl::UnavailableError("--ca-root: cannot write " + options.root_file);
}

absl::Status Listen(const meshlib::rpc::GrpcAdsServerOptions& options, meshlib::net::Loop& loop,
                    Serving* serving) {
  auto server = meshlib::rpc::GrpcAdsServer::Start(loop, serving->plane->server(), options);
  if (!server.ok()) return server.status();
  serving->addresses += options.unix_path
                            ? " unix:" + *options.unix_path
                            : std::string(options.tls ? " grpcs://" : " ") +
                                  HostOf(*options.listen) + ":" + std::to_string((*server)->port());
  serving->servers.push_back(*std::move(server));
  return absl::OkStatus();
}

// On a socket that others can reach, certificates are not issued; the control plane is served.
absl::Status ListenUnix(const std::string& path, meshlib::net::Loop& loop,
                        const meshlib::mesh::Log& log, Serving* serving) {
  const absl::Status status =
      Listen({.unix_path = path, .certificates = serving->open.get()}, loop, serving);
  if (!absl::IsPermissionDenied(status)) return status;
  log.Warning(std::string(status.message()) + "; no certificates are issued there");
  return Listen({.unix_path = path}, loop, serving);
}

absl::Status ListenTls(const ServeOptions& options, meshlib::net::Loop& loop,
                       const meshlib::mesh::Log& log, Serving* serving) {
  auto certificates = meshlib::identity::ServingCertificates::Start(
      *serving->authority, NamesOf(options), loop,
      [&log](const std::string& line) { log.Info(line); });
  if (!certificates.ok()) return certificates.status();
  serving->serving_certificates = *std::move(certificates);
  return Listen({.listen = options.listen_tls,
                 .tls = [&own = *serving->serving_certificates] { return own.Current(); },
                 .certificates = serving->by_token.get()},
                loop, serving);
}

absl::Status Start(const ServeOptions& options, meshlib::net::Loop& loop,
                   const meshlib::base::Clock& clock, const meshlib::mesh::Log& log,
                   Serving* serving) {
  auto plane = meshlib::mesh::EmbeddedControlPlane::Start(
      {.directory = options.directory,
       .allow_unenforced = {options.allow_unenforced.begin(), options.allow_unenforced.end()},
       .trust_domain = options.authority.trust_domain,
       .expect_reconnects = true},
      loop, log);
  if (!plane.ok()) return plane.status();
  serving->plane = *std::move(plane);
  if (absl::Status status = StartCertificates(options, clock, log, serving); !status.ok()) {
    return status;
  }
  const bool elsewhere = !options.unix_path.empty() || !options.listen_tls.empty();
  absl::Status status;
  if (!options.listen.empty() || !elsewhere) {
    status =
        Listen({.listen = options.listen.empty() ? kDefaultListen : options.listen}, loop, serving);
  }
  if (status.ok() && !options.listen_tls.empty()) status = ListenTls(options, loop, log, serving);
  if (status.ok() && !options.unix_path.empty()) {
    status = ListenUnix(options.unix_path, loop, log, serving);
  }
  return status;
}

int Run(const ServeOptions& options) {
  Termination termination;
  meshlib::base::SystemClock clock;
  const meshlib::mesh::Log log(
      LineSink(options.verbose ? Verbosity::kEverything : Verbosity::kProblems));
  auto control = meshlib::mesh::ControlThread::Start(clock);
  if (!control.ok()) return Fail(control.status());
  Serving serving;
  absl::Status status;
  (*control)->RunSync([&] { status = Start(options, (*control)->loop(), clock, log, &serving); });
  if (status.ok()) {
    std::cout << "serving " << options.directory << " on" << serving.addresses << std::endl;
    termination.Wait();
  }
  (*control)->RunSync([&] { serving.Stop(); });
  (*control)->Stop();
  return status.ok() ? 0 : Fail(status);
}

}  // namespace

void AddServe(CLI::App& app, int* exit_status) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("serve", "Serve a directory of Istio YAML as ADS");
  command->add_option("directory", options->directory, "the directory, watched")->required();
  command->add_option("--listen", options->listen,
                      std::string("HOST:PORT (default ") + kDefaultListen + ")");
  command->add_option("--listen-tls", options->listen_tls,
                      "HOST:PORT, over TLS; certificates are issued to holders of tokens");
  command->add_option("--tls-name", options->tls_names,
                      "a further name or address of --listen-tls, for its certificate");
  command->add_option("--unix", options->unix_path,
                      "a socket that only its owner can open; whoever opens it may have a "
                      "certificate of any workload");
  command->add_option("--ca-root", options->root_file,
                      "write the root certificate there, for clients of --listen-tls");
  options->authority.AddTo(*command);
  command
      ->add_option("--allow-unenforced", options->allow_unenforced,
                   "kinds that decide security and may be ignored")
      ->delimiter(',');
  command->add_flag("-v,--verbose", options->verbose, "log connections and changes as well");
  command->callback([options, exit_status] { *exit_status = Run(*options); });
}

}  // namespace meshctl
