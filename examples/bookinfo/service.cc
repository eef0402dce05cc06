// SPDX-License-Identifier: Apache-2.0
#include "service.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <memory>
#include <utility>

namespace bookinfo {
namespace {

// Before any thread starts, so that the signals wait for sigwait().
sigset_t BlockTerminationSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int Fail(const absl::Status& status) {
  std::cerr << status << "\n";
  return 1;
}

}  // namespace

int RunService(const std::string& description, int argc, char** argv, const MakeHandler& make) {
  ServiceOptions service;
  CLI::App app(description);
  app.add_option("--port", service.port, "the port to serve on")->capture_default_str();
  app.add_option("--version", service.version, "what this instance says it is")
      ->check(CLI::IsMember({"v1", "v2", "v3"}))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const sigset_t signals = BlockTerminationSignals();

  auto options = meshlib::MeshOptions::FromEnvironment();
  if (!options.ok()) return Fail(options.status());
  auto mesh = meshlib::Mesh::Start(*std::move(options));
  if (!mesh.ok()) return Fail(mesh.status());
  auto server = (*mesh)->ServeHttp({.port = service.port}, make(**mesh, service));
  if (!server.ok()) return Fail(server.status());
  std::cerr << "serving on " << (*server)->address() << std::endl;

  int signal = 0;
  sigwait(&signals, &signal);
  (*mesh)->Drain(absl::Seconds(10));
  return 0;
}

}  // namespace bookinfo
