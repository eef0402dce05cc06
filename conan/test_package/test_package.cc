// SPDX-License-Identifier: Apache-2.0
// Serves a port of the mesh described in the folder that is given, and calls itself through it.

#include <meshlib/mesh.h>
#include <meshlib/version.h>

#include <iostream>
#include <string>

namespace {

int Fail(const absl::Status& status) {
  std::cerr << status << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  meshlib::MeshOptions options;
  options.control_plane = std::string("yaml:") + argv[1];
  options.labels = {{"app", "hello"}};
  options.instance_ip = "127.0.3.3";
  auto mesh = meshlib::Mesh::Start(std::move(options));
  if (!mesh.ok()) return Fail(mesh.status());

  auto server = (*mesh)->ServeHttp({.port = 9080}, [](const meshlib::HttpRequest& request) {
    return meshlib::HttpResponse::Text(200, "hello from " + request.authority);
  });
  if (!server.ok()) return Fail(server.status());

  auto hello = (*mesh)->http().Get("http://hello:9080/");
  if (!hello.ok()) return Fail(hello.status());
  auto teapot = (*mesh)->http().Get("http://hello:9080/teapot");
  if (!teapot.ok()) return Fail(teapot.status());

  std::cout << "meshlib " MESHLIB_VERSION_STRING ": " << hello->status << " " << hello->body << ", "
            << teapot->status << "\n";
  return hello->status == 200 && hello->body == "hello from hello:9080" && teapot->status == 418
             ? 0
             : 1;
}
