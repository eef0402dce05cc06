// SPDX-License-Identifier: Apache-2.0
// meshlib's server with an answer of 1 KiB. Usage: mesh_server loop|blocking PORT YAML_DIRECTORY
// [CA_KEY_FILE]: with it the port is one of the mesh, of workload app=bench, else outside of it.
// GET /allocations answers how often the process has allocated.

#include <meshlib/mesh.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "allocation_count.h"

namespace {

const std::string& Body() {
  static const std::string body(1024, 'x');
  return body;
}

void Fill(const meshlib::HttpRequest& request, meshlib::HttpResponse& response) {
  response.headers.Add("content-type", "text/plain");
  if (request.url == "/allocations") {
    response.body = std::to_string(bench::AllocationCount());
  } else {
    response.body.assign(Body());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  meshlib::MeshOptions options;
  // One worker, as nginx, the Envoys and the floor.
  options.loop_threads = 1;
  options.control_plane = std::string("yaml:") + argv[3];
  if (argc > 4) options.ca_key_file = argv[4];
  options.labels = {{"app", "bench"}};
  auto mesh = meshlib::Mesh::Start(std::move(options)).value();
  meshlib::ServeOptions serve{
      .port = static_cast<uint16_t>(std::atoi(argv[2])), .address = "127.0.0.1", .mesh = argc > 4};
  absl::StatusOr<std::unique_ptr<meshlib::HttpServer>> server =
      std::string(argv[1]) == "loop"
          ? mesh->ServeHttpOnLoop(serve,
                                  [](meshlib::ServerCall& call) {
                                    Fill(call.request(), call.response());
                                    call.Finish();
                                  })
          : mesh->ServeHttp(serve, [](const meshlib::HttpRequest& request) {
              meshlib::HttpResponse response;
              Fill(request, response);
              return response;
            });
  if (!server.ok()) {
    std::fprintf(stderr, "%s\n", std::string(server.status().message()).c_str());
    return 1;
  }
  std::printf("serving\n");
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  server->reset();
  return 0;
}
