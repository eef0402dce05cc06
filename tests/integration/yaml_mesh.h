// SPDX-License-Identifier: Apache-2.0
// YamlMesh: a Mesh on a temporary directory of Istio YAML, and small peers for it to call.

#ifndef MESHLIB_INTEGRATION_YAML_MESH_H_
#define MESHLIB_INTEGRATION_YAML_MESH_H_

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "meshlib/mesh.h"

namespace meshlib::integration {

// A directory that is gone with the object. Thread-compatible.
class YamlDirectory final {
 public:
  YamlDirectory();
  ~YamlDirectory();
  YamlDirectory(const YamlDirectory&) = delete;
  YamlDirectory& operator=(const YamlDirectory&) = delete;

  // Replaces the file at once, as an editor does.
  void Write(const std::string& name, const std::string& text) const;
  void Remove(const std::string& name) const;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

// The lines that a Mesh logged. Thread-safe.
class LogLines final {
 public:
  void Add(std::string_view line);
  bool Contain(std::string_view text) const;
  std::string text() const;

 private:
  mutable base::Mutex mutex_;
  std::string text_ ABSL_GUARDED_BY(mutex_);
};

// A Mesh whose control plane is `directory`. Its log goes to `log`, which outlives it.
MeshOptions OptionsFor(const YamlDirectory& directory, LogLines& log);
std::unique_ptr<Mesh> StartMesh(const YamlDirectory& directory, LogLines& log);

// A server outside the mesh, at 127.0.0.1 and a free port, that answers `text`.
std::unique_ptr<HttpServer> StartPeer(Mesh& mesh, std::string text);
std::unique_ptr<HttpServer> StartPeer(Mesh& mesh, HttpHandler handler);

// A ServiceEntry for `host`, port 80, with one endpoint per entry: {port, "v1"} labels it
// version=v1.
struct PeerEndpoint {
  uint16_t port;
  std::string version;
};
std::string ServiceEntryYaml(const std::string& host, const std::vector<PeerEndpoint>& endpoints);
// A DestinationRule with subsets v1 and v2.
std::string SubsetsYaml(const std::string& host);
// A VirtualService named "routes" for `host` with that http section, indented by two.
std::string VirtualServiceYaml(const std::string& host, const std::string& http);

// Calls `condition` until it holds; a test failure that names `what` after 10 s.
void AwaitThat(const std::string& what, const std::function<bool()>& condition);

// The body of a Get, or the error's text.
std::string BodyOf(Mesh& mesh, const std::string& url, const CallOptions& options = {});
// Why a Get fails; a test failure when it does not, or does not say.
CallError ErrorOf(Mesh& mesh, const std::string& url, const CallOptions& options = {});

}  // namespace meshlib::integration

#endif  // MESHLIB_INTEGRATION_YAML_MESH_H_
