// SPDX-License-Identifier: Apache-2.0
// Which workloads that register are called by mutual TLS, where no DestinationRule says so.

#include <gtest/gtest.h>

#include <string>

#include "integration/yaml_mesh.h"
#include "meshlib/peer_identity.h"

namespace meshlib::integration {
namespace {

constexpr const char* kServiceYaml = R"(
apiVersion: v1
kind: Service
metadata: {name: reviews}
spec: {selector: {app: reviews}, ports: [{name: http, port: 80, targetPort: 9080}]}
)";

std::string PeerAuthenticationYaml(const std::string& mode) {
  return "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: default}\n"
         "spec: {mtls: {mode: " +
         mode + "}}\n";
}

class AutoMtlsTest : public ::testing::Test {
 protected:
  // A server that tells who calls, "reviews" itself.
  void Start(const std::string& mode, const std::string& tls_mode) {
    directory_.Write("reviews.yaml", kServiceYaml);
    directory_.Write("security.yaml", PeerAuthenticationYaml(mode));
    MeshOptions options = OptionsFor(directory_, log_);
    options.labels = {{"app", "reviews"}};
    if (!tls_mode.empty()) options.labels["security.istio.io/tlsMode"] = tls_mode;
    options.instance_ip = "127.0.44.1";
    mesh_ = Mesh::Start(std::move(options)).value();
    server_ = mesh_
                  ->ServeHttp({.port = 9080},
                              [](const HttpRequest& request) {
                                const bool known = request.peer != nullptr;
                                return HttpResponse::Text(
                                    200, known ? request.peer->spiffe_id : "nobody");
                              })
                  .value();
  }

  void AwaitAnswer(const std::string& text) {
    AwaitThat(text, [&] { return BodyOf(*mesh_, "http://reviews/") == text; });
  }

  YamlDirectory directory_;
  LogLines log_;
  std::unique_ptr<Mesh> mesh_;
  std::unique_ptr<HttpServer> server_;
};

constexpr const char* kMe = "spiffe://cluster.local/ns/default/sa/default";

TEST_F(AutoMtlsTest, APortThatTakesNothingElseIsCalledByMutualTls) {
  Start("STRICT", "");
  AwaitAnswer(kMe);
}

TEST_F(AutoMtlsTest, APortThatTakesBothIsCalledInPlaintextUnlessItsLabelSaysOtherwise) {
  Start("PERMISSIVE", "");
  AwaitAnswer("nobody");
  directory_.Write("security.yaml", PeerAuthenticationYaml("STRICT"));
  AwaitAnswer(kMe);
}

TEST_F(AutoMtlsTest, TheLabelMakesItCalledByMutualTls) {
  Start("PERMISSIVE", "istio");
  AwaitAnswer(kMe);
}

TEST_F(AutoMtlsTest, TheLabelSwitchesItOff) {
  Start("DISABLE", "");
  AwaitAnswer("nobody");
  server_.reset();
  mesh_.reset();
  Start("STRICT", "disabled");
  const std::string refused = BodyOf(*mesh_, "http://reviews/");
  EXPECT_EQ(refused.find(kMe), std::string::npos) << refused;
  EXPECT_EQ(refused.find("nobody"), std::string::npos) << refused;
}

}  // namespace
}  // namespace meshlib::integration
