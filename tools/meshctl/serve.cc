// meshctl serve: the control plane of a directory of Istio YAML, for other processes.

#include <array>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
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
  std::string unix_path;
  std::vector<std::string> allow_unenforced;
  bool verbose = false;
};

constexpr const char* kDefaultListen = "127.0.0.1:15010";

meshlib::LogSink LineSink(bool verbose) {
  return [verbose](meshlib::LogSeverity severity, std::string_view line) {
    if (severity == meshlib::LogSeverity::kInfo && !verbose) return;
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    std::array<char, 16> time{};
    std::strftime(time.data(), time.size(), "%H:%M:%S", &local);
    std::fprintf(stderr, "%s %.*s\n", time.data(), static_cast<int>(line.size()), line.data());
  };
}

// What runs on the control thread, destroyed there in reverse order.
struct Serving {
  std::unique_ptr<meshlib::mesh::EmbeddedControlPlane> plane;
  std::unique_ptr<meshlib::rpc::GrpcAdsServer> rpc;
};

absl::Status Start(const ServeOptions& options, meshlib::net::Loop& loop,
                   const meshlib::mesh::Log& log, Serving* serving) {
  auto plane = meshlib::mesh::EmbeddedControlPlane::Start(
      {.directory = options.directory,
       .allow_unenforced = {options.allow_unenforced.begin(), options.allow_unenforced.end()},
       .expect_reconnects = true},
      loop, log);
  if (!plane.ok()) return plane.status();
  serving->plane = *std::move(plane);
  meshlib::rpc::GrpcAdsServerOptions rpc_options;
  if (!options.listen.empty()) rpc_options.listen = options.listen;
  if (!options.unix_path.empty()) rpc_options.unix_path = options.unix_path;
  if (!rpc_options.listen && !rpc_options.unix_path) rpc_options.listen = kDefaultListen;
  auto rpc = meshlib::rpc::GrpcAdsServer::Start(loop, serving->plane->server(), rpc_options);
  if (!rpc.ok()) return rpc.status();
  serving->rpc = *std::move(rpc);
  return absl::OkStatus();
}

std::string Describe(const ServeOptions& options, const Serving& serving) {
  std::string text = "serving " + options.directory + " on";
  if (serving.rpc->port() != 0) {
    const std::string& listen = options.listen.empty() ? kDefaultListen : options.listen;
    text += " " + listen.substr(0, listen.rfind(':')) + ":" + std::to_string(serving.rpc->port());
  }
  if (!options.unix_path.empty()) text += " unix:" + options.unix_path;
  return text;
}

int Run(const ServeOptions& options) {
  Termination termination;
  meshlib::base::SystemClock clock;
  const meshlib::mesh::Log log(LineSink(options.verbose));
  auto control = meshlib::mesh::ControlThread::Start(clock);
  if (!control.ok()) return Fail(control.status());
  Serving serving;
  absl::Status status;
  (*control)->RunSync([&] { status = Start(options, (*control)->loop(), log, &serving); });
  if (status.ok()) {
    std::cout << Describe(options, serving) << std::endl;
    termination.Wait();
  }
  (*control)->RunSync([&] {
    serving.rpc.reset();
    serving.plane.reset();
  });
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
  command->add_option("--unix", options->unix_path, "a socket that only its owner can open");
  command
      ->add_option("--allow-unenforced", options->allow_unenforced,
                   "kinds that decide security and may be ignored")
      ->delimiter(',');
  command->add_flag("-v,--verbose", options->verbose, "log connections and changes as well");
  command->callback([options, exit_status] { *exit_status = Run(*options); });
}

}  // namespace meshctl
