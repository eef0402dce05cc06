// SPDX-License-Identifier: Apache-2.0
// mtls_server: a server of the mesh that tells its clients who they are. The environment says who
// it is itself; the argument is its port. Prints what it logs. Ends when its input ends.

#include <charconv>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>

#include "meshlib/mesh.h"
#include "meshlib/peer_identity.h"

namespace {

void Print(std::string_view line) {
  std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
  std::fflush(stdout);
}

int Fail(const absl::Status& status) {
  Print(status.ToString());
  return 1;
}

meshlib::HttpResponse TellPeer(const meshlib::HttpRequest& request) {
  const bool known = request.peer != nullptr;
  return meshlib::HttpResponse::Text(200, "peer " + (known ? request.peer->spiffe_id : "nobody"));
}

int Run(uint16_t port) {
  auto options = meshlib::MeshOptions::FromEnvironment();
  if (!options.ok()) return Fail(options.status());
  options->log_sink = [](meshlib::LogSeverity, std::string_view line) { Print(line); };
  auto mesh = meshlib::Mesh::Start(*std::move(options));
  if (!mesh.ok()) return Fail(mesh.status());
  auto server = (*mesh)->ServeHttp({.port = port}, TellPeer);
  if (!server.ok()) return Fail(server.status());
  Print("serving on " + (*server)->address());
  while (std::cin.get() != EOF) {
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string_view text = argv[1];
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() ? Run(port) : 2;
}
