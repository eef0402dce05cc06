// SPDX-License-Identifier: Apache-2.0
// The servers of docs/servers.md, each called once by this program itself.

#include <meshlib/mesh.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <memory>
#include <string>

namespace {

using ServerOr = absl::StatusOr<std::unique_ptr<meshlib::HttpServer>>;

ServerOr ServeMayBlock(meshlib::Mesh& mesh) {
  return mesh.ServeHttp({.port = 9080}, [](const meshlib::HttpRequest& request) {
    // On a worker thread: files, databases and blocking Calls are fine here.
    if (request.path() != "/menu") return meshlib::HttpResponse::Text(404, "no such page\n");
    return meshlib::HttpResponse::Json(200, R"({"menu":["tea","cake"]})");
  });
}

ServerOr ServeOnLoop(meshlib::Mesh& mesh) {
  return mesh.ServeHttpOnLoop(
      {.address = "127.0.0.1", .mesh = false}, [](meshlib::ServerCall& call) {
        // On the loop: answer at once, or keep `call` and finish later on this loop.
        call.response().headers.Add("content-type", "text/plain");
        call.response().body = "hello " + call.request().query_parameter("name") + "\n";
        call.Finish();
      });
}

// Sends back what it receives, at the speed at which the client reads.
class Echo final : public meshlib::ServerStreamHandler {
 public:
  explicit Echo(meshlib::ServerStream& stream) : stream_(stream) { stream_.SendHead({}); }

  void OnBody(std::string_view bytes) override {
    if (!stream_.Write(bytes)) stream_.PauseReading();
  }
  void OnWritable() override { stream_.ResumeReading(); }
  void OnEnd(const meshlib::Headers& trailers) override { stream_.Finish(trailers); }
  void OnClosed(const absl::Status&) override {}

 private:
  meshlib::ServerStream& stream_;
};

ServerOr ServeStreams(meshlib::Mesh& mesh) {
  return mesh.ServeHttpStreams({.address = "127.0.0.1", .mesh = false},
                               [](const meshlib::HttpRequest&, meshlib::ServerStream& stream) {
                                 return std::make_unique<Echo>(stream);
                               });
}

ServerOr ServeHealth(meshlib::Mesh& mesh) {
  return mesh.ServeHttp({.address = "127.0.0.1", .mesh = false},
                        [&mesh](const meshlib::HttpRequest&) {
                          const bool ready = mesh.WaitUntilReady(absl::ZeroDuration()).ok();
                          return meshlib::HttpResponse::Text(ready ? 200 : 503, "");
                        });
}

ServerOr ServeWithLimits(meshlib::Mesh& mesh) {
  return mesh.ServeHttp({.address = "127.0.0.1",
                         .mesh = false,
                         .max_header_bytes = 8 * 1024,  // 431 beyond
                         .max_body = 4,                 // 413 beyond
                         .idle_timeout = absl::Seconds(30),
                         .max_connections = 1000},
                        [](const meshlib::HttpRequest& request) {
                          return meshlib::HttpResponse::Text(200, request.body);
                        });
}

// Blocks SIGTERM before any thread exists, so that the threads of the Mesh leave it to sigwait().
sigset_t BlockSigterm() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void ServeUntilSigterm(meshlib::Mesh& mesh, const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
  // Leaves the mesh first, serves on while its clients learn of it, then finishes what is under
  // way.
  mesh.Drain(absl::Seconds(10));
}

absl::Status Show(meshlib::Mesh& mesh, const ServerOr& server, const std::string& target,
                  const std::string& body) {
  if (!server.ok()) return server.status();
  auto answer = mesh.http().Post("http://" + (*server)->address() + target, "text/plain", body);
  if (!answer.ok()) return answer.status();
  std::cout << answer->status << " " << answer->body << "\n";
  return absl::OkStatus();
}

absl::Status Run(meshlib::Mesh& mesh, const sigset_t& signals) {
  const ServerOr shop = ServeMayBlock(mesh);
  if (!shop.ok()) return shop.status();
  auto menu = mesh.http().Get("http://shop:9080/menu");
  if (!menu.ok()) return menu.status();
  std::cout << menu->body << "\n";
  const ServerOr hello = ServeOnLoop(mesh);
  if (absl::Status status = Show(mesh, hello, "/?name=ann", ""); !status.ok()) return status;
  const ServerOr echo = ServeStreams(mesh);
  if (absl::Status status = Show(mesh, echo, "/", "echo"); !status.ok()) return status;
  const ServerOr health = ServeHealth(mesh);
  if (absl::Status status = Show(mesh, health, "/", ""); !status.ok()) return status;
  const ServerOr limits = ServeWithLimits(mesh);
  if (absl::Status status = Show(mesh, limits, "/", "12345"); !status.ok()) return status;
  kill(getpid(), SIGTERM);
  ServeUntilSigterm(mesh, signals);
  std::cout << "drained\n";
  return absl::OkStatus();
}

}  // namespace

int main() {
  const sigset_t signals = BlockSigterm();
  auto options = meshlib::MeshOptions::FromEnvironment();
  if (!options.ok()) return std::cerr << options.status() << "\n", 1;
  auto mesh = meshlib::Mesh::Start(*std::move(options));
  if (!mesh.ok()) return std::cerr << mesh.status() << "\n", 1;
  if (absl::Status status = Run(**mesh, signals); !status.ok()) {
    return std::cerr << status << "\n", 1;
  }
}
