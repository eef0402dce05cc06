// RunService: what the main() of every Bookinfo service does.

#ifndef BOOKINFO_SERVICE_H_
#define BOOKINFO_SERVICE_H_

#include <meshlib/mesh.h>

#include <csignal>
#include <iostream>
#include <memory>
#include <utility>

namespace bookinfo {

// Joins the mesh by the environment, serves `make_handler(mesh)` on `port` until SIGTERM or SIGINT,
// and leaves gracefully. Returns the exit status.
template <typename MakeHandler>
int RunService(uint16_t port, MakeHandler make_handler) {
  // Before any thread starts, so that only sigwait() below sees the signals.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  auto options = meshlib::MeshOptions::FromEnvironment();
  if (!options.ok()) return std::cerr << options.status() << "\n", 1;
  auto mesh = meshlib::Mesh::Start(*std::move(options));
  if (!mesh.ok()) return std::cerr << mesh.status() << "\n", 1;
  auto server = (*mesh)->ServeHttp({.port = port}, make_handler(**mesh));
  if (!server.ok()) return std::cerr << server.status() << "\n", 1;
  std::cerr << "serving on " << (*server)->address() << "\n";

  int signal = 0;
  sigwait(&signals, &signal);
  (*mesh)->Drain(absl::Seconds(10));
  return 0;
}

}  // namespace bookinfo

#endif  // BOOKINFO_SERVICE_H_
