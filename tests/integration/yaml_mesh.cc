// SPDX-License-Identifier: Apache-2.0
#include "integration/yaml_mesh.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace meshlib::integration {

YamlDirectory::YamlDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "meshlib-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) std::perror("mkdtemp");
  path_ = pattern;
}

YamlDirectory::~YamlDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void YamlDirectory::Write(const std::string& name, const std::string& text) const {
  const std::filesystem::path fresh = path_ / (name + ".new");
  std::ofstream(fresh) << text;
  std::filesystem::rename(fresh, path_ / name);
}

void YamlDirectory::Remove(const std::string& name) const { std::filesystem::remove(path_ / name); }

void LogLines::Add(std::string_view line) {
  base::MutexLock lock(mutex_);
  text_.append(line).append("\n");
}

bool LogLines::Contain(std::string_view text) const {
  base::MutexLock lock(mutex_);
  return text_.find(text) != std::string::npos;
}

std::string LogLines::text() const {
  base::MutexLock lock(mutex_);
  return text_;
}

MeshOptions OptionsFor(const YamlDirectory& directory, LogLines& log) {
  MeshOptions options;
  options.control_plane = "yaml:" + directory.path();
  options.loop_threads = 2;
  options.drain_propagation_delay = absl::ZeroDuration();
  options.log_sink = [&log](LogSeverity, std::string_view line) { log.Add(line); };
  return options;
}

std::unique_ptr<Mesh> StartMesh(const YamlDirectory& directory, LogLines& log) {
  auto mesh = Mesh::Start(OptionsFor(directory, log));
  EXPECT_TRUE(mesh.ok()) << mesh.status();
  return mesh.ok() ? *std::move(mesh) : nullptr;
}

std::unique_ptr<HttpServer> StartPeer(Mesh& mesh, std::string text) {
  return StartPeer(
      mesh, [text = std::move(text)](const HttpRequest&) { return HttpResponse::Text(200, text); });
}

std::unique_ptr<HttpServer> StartPeer(Mesh& mesh, HttpHandler handler) {
  auto server = mesh.ServeHttp({.address = "127.0.0.1", .mesh = false}, std::move(handler));
  EXPECT_TRUE(server.ok()) << server.status();
  return server.ok() ? *std::move(server) : nullptr;
}

std::string ServiceEntryYaml(const std::string& host, const std::vector<PeerEndpoint>& endpoints) {
  std::string yaml = R"(---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: )" + host + R"(
spec:
  hosts: [)" + host + R"(]
  location: MESH_INTERNAL
  resolution: STATIC
  ports:
  - {number: 80, name: http, protocol: HTTP}
  endpoints:
)";
  for (const PeerEndpoint& endpoint : endpoints) {
    yaml += "  - {address: 127.0.0.1, ports: {http: " + std::to_string(endpoint.port) +
            "}, labels: {version: " + endpoint.version + "}}\n";
  }
  return yaml;
}

std::string SubsetsYaml(const std::string& host) {
  return R"(---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: )" +
         host + R"(
spec:
  host: )" +
         host + R"(
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
)";
}

std::string VirtualServiceYaml(const std::string& host, const std::string& http) {
  return R"(---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: routes
spec:
  hosts: [)" +
         host + R"(]
  http:
)" + http;
}

void AwaitThat(const std::string& what, const std::function<bool()>& condition) {
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  while (!condition()) {
    if (absl::Now() > deadline) {
      ADD_FAILURE() << "awaited in vain: " << what;
      return;
    }
    std::this_thread::yield();
  }
}

std::string BodyOf(Mesh& mesh, const std::string& url, const CallOptions& options) {
  auto response = mesh.http().Get(url, options);
  return response.ok() ? response->body : std::string(response.status().message());
}

CallError ErrorOf(Mesh& mesh, const std::string& url, const CallOptions& options) {
  const auto response = mesh.http().Get(url, options);
  const auto error = CallErrorOf(response.status());
  EXPECT_TRUE(error.has_value()) << url << ": " << response.status();
  return error.value_or(CallError{CallErrorReason::kCancelled});
}

}  // namespace meshlib::integration
