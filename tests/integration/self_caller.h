// SPDX-License-Identifier: Apache-2.0
// SelfCaller: one workload of a mesh that serves and calls itself.

#ifndef MESHLIB_INTEGRATION_SELF_CALLER_H_
#define MESHLIB_INTEGRATION_SELF_CALLER_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "integration/yaml_mesh.h"
#include "meshlib/peer_identity.h"

namespace meshlib::integration {

// A Service of what has the label app=`name`: port 80, served at port 9080.
inline std::string ServiceYaml(const std::string& name) {
  return "---\napiVersion: v1\nkind: Service\nmetadata: {name: " + name +
         "}\nspec: {selector: {app: " + name +
         "}, ports: [{name: http, port: 80, targetPort: 9080}]}\n";
}

// Answers with the SPIFFE ID of the caller, or "nobody".
inline HttpResponse TellCaller(const HttpRequest& request) {
  return HttpResponse::Text(200, request.peer == nullptr ? "nobody" : request.peer->spiffe_id);
}

// Thread-compatible.
class SelfCaller : public ::testing::Test {
 protected:
  // The options of a workload with the label app=`name`.
  MeshOptions OptionsOf(const std::string& name, const std::string& ip) {
    MeshOptions options = OptionsFor(directory_, log_);
    options.labels = {{"app", name}};
    options.instance_ip = ip;
    return options;
  }
  void Start(MeshOptions options, HttpHandler handler = TellCaller) {
    auto mesh = Mesh::Start(std::move(options));
    ASSERT_TRUE(mesh.ok()) << mesh.status();
    mesh_ = *std::move(mesh);
    auto server = mesh_->ServeHttp({.port = 9080}, std::move(handler));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  YamlDirectory directory_;
  LogLines log_;
  std::unique_ptr<Mesh> mesh_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace meshlib::integration

#endif  // MESHLIB_INTEGRATION_SELF_CALLER_H_
