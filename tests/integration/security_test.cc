// SPDX-License-Identifier: Apache-2.0
// Security that is asked for and not there yet: never plaintext instead, never silently open.

#include <gtest/gtest.h>

#include "integration/yaml_mesh.h"

namespace meshlib::integration {
namespace {

constexpr const char* kRequestAuthentication = R"(
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens}
spec: {jwtRules: [{issuer: shop.example}]}
)";

TEST(SecurityTest, KindsThatAreNotEnforcedAreRefusedAtStart) {
  YamlDirectory directory;
  LogLines log;
  directory.Write("tokens.yaml", kRequestAuthentication);
  auto mesh = Mesh::Start(OptionsFor(directory, log));
  ASSERT_FALSE(mesh.ok());
  EXPECT_NE(std::string(mesh.status().message()).find("RequestAuthentication"), std::string::npos);
}

TEST(SecurityTest, ANamedKindMayBeIgnored) {
  YamlDirectory directory;
  LogLines log;
  directory.Write("tokens.yaml", kRequestAuthentication);
  MeshOptions options = OptionsFor(directory, log);
  options.allow_unenforced = {"RequestAuthentication"};
  EXPECT_TRUE(Mesh::Start(std::move(options)).ok());
}

TEST(SecurityTest, ACallThatNeedsTlsFailsInsteadOfGoingOutInPlaintext) {
  for (const char* mode : {"ISTIO_MUTUAL", "SIMPLE", "MUTUAL"}) {
    YamlDirectory directory;
    LogLines log;
    directory.Write("empty.yaml", "");
    auto mesh = StartMesh(directory, log);
    std::atomic<int> served{0};
    auto peer = StartPeer(*mesh, [&](const HttpRequest&) {
      ++served;
      return HttpResponse::Text(200, "plaintext");
    });
    std::string tls = std::string("{mode: ") + mode;
    if (mode == std::string("MUTUAL")) {
      tls += ", clientCertificate: /c.pem, privateKey: /k.pem, caCertificates: /r.pem";
    }
    directory.Write("shop.yaml", ServiceEntryYaml("shop.example", {{peer->port(), "v1"}}) + R"(---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: tls}
spec:
  host: shop.example
  trafficPolicy:
    tls: )" + tls + "}\n");
    std::string answer;
    AwaitThat("a failure that names what is missing", [&] {
      answer = BodyOf(*mesh, "http://shop.example/");
      return answer.find("security: ") != std::string::npos ||
             answer.find("TLS") != std::string::npos;
    });
    EXPECT_EQ(answer.find("plaintext"), std::string::npos) << mode << ": " << answer;
    EXPECT_EQ(served, 0) << mode;
  }
}

}  // namespace
}  // namespace meshlib::integration
