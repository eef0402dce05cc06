// Starts a Mesh, serves one port outside the mesh and explains a Call: enough to need every object.

#include <meshlib/mesh.h>
#include <meshlib/version.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  meshlib::MeshOptions options;
  options.control_plane = std::string("yaml:") + argv[1];
  auto mesh = meshlib::Mesh::Start(std::move(options));
  if (!mesh.ok()) {
    std::fprintf(stderr, "%s\n", std::string(mesh.status().message()).c_str());
    return 1;
  }
  auto server = (*mesh)->ServeHttp(
      {.address = "127.0.0.1", .mesh = false},
      [](const meshlib::HttpRequest&) { return meshlib::HttpResponse::Text(200, "hello"); });
  if (!server.ok()) return 1;
  meshlib::HttpRequest request;
  request.url = "http://hello/";
  auto explained = (*mesh)->Explain(request);
  if (!explained.ok() || explained->status != 418) return 1;
  std::printf("meshlib %s: %s\n", MESHLIB_VERSION_STRING, (*server)->address().c_str());
  return 0;
}
