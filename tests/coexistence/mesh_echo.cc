// SPDX-License-Identifier: Apache-2.0
#include "coexistence/mesh_echo.h"

namespace meshlib::coexistence {

MeshEcho::MeshEcho(const std::string& directory) {
  MeshOptions options;
  options.control_plane = "yaml:" + directory + "/mesh";
  options.system_roots = directory + "/ca.pem";
  options.loop_threads = 1;
  options.drain_propagation_delay = absl::ZeroDuration();
  absl::StatusOr<std::unique_ptr<Mesh>> mesh = Mesh::Start(std::move(options));
  if (!mesh.ok()) {
    error_ = mesh.status().ToString();
    return;
  }
  mesh_ = *std::move(mesh);
  ServeOptions serve;
  serve.address = "127.0.0.1";
  serve.mesh = false;
  serve.tls = ServerTls{.certificate_chain = PemFile{directory + "/chain.pem"},
                        .private_key = PemFile{directory + "/key.pem"}};
  absl::StatusOr<std::unique_ptr<HttpServer>> server = mesh_->ServeHttp(
      std::move(serve),
      [](const HttpRequest& request) { return HttpResponse{.body = request.body}; });
  if (server.ok()) {
    server_ = *std::move(server);
  } else {
    error_ = server.status().ToString();
  }
}

std::string MeshEcho::Echo(const std::string& text) {
  if (server_ == nullptr) return error_;
  const std::string url = "https://localhost:" + std::to_string(server_->port()) + "/";
  const absl::StatusOr<HttpResponse> response = mesh_->http().Post(url, "text/plain", text);
  if (!response.ok()) return "meshlib: " + std::string(response.status().message());
  return response->body;
}

}  // namespace meshlib::coexistence
