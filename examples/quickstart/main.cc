// SPDX-License-Identifier: Apache-2.0
#include <meshlib/mesh.h>

#include <iostream>

int main() {
  auto options = meshlib::MeshOptions::FromEnvironment();
  if (!options.ok()) return std::cerr << options.status() << "\n", 1;
  auto mesh = meshlib::Mesh::Start(*std::move(options));
  if (!mesh.ok()) return std::cerr << mesh.status() << "\n", 1;

  auto server = (*mesh)->ServeHttp({.port = 9080}, [](const meshlib::HttpRequest& request) {
    return meshlib::HttpResponse::Text(200, "hello from " + request.authority + "\n");
  });
  if (!server.ok()) return std::cerr << server.status() << "\n", 1;

  // Discovery, route, pick and retries all happen inside this line.
  auto hello = (*mesh)->http().Get("http://hello:9080/");
  if (!hello.ok()) return std::cerr << hello.status() << "\n", 1;
  std::cout << hello->status << " " << hello->body;
}
