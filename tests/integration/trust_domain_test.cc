// SPDX-License-Identifier: Apache-2.0
// A mesh of a trust domain of its own: who is of it, who is not, and who is treated so.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/clock.h"
#include "identity/certificate_authority.h"
#include "integration/self_caller.h"
#include "tls/private_key.h"
#include "tls/signing_request.h"

namespace meshlib::integration {
namespace {

constexpr const char* kReviewsYaml = R"(
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: reviews}
spec:
  hosts: [reviews.example.com]
  location: MESH_INTERNAL
  ports: [{number: 80, name: http, protocol: HTTP, targetPort: 9080}]
  resolution: STATIC
  endpoints: [{address: 127.0.43.1, labels: {app: reviews}, serviceAccount: reviews}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: callers}
spec:
  selector: {matchLabels: {app: reviews}}
  rules: [{from: [{source: {principals: ["cluster.local/ns/default/sa/*"]}}]}]
)";
constexpr const char* kUrl = "http://reviews.example.com/";

std::string MeshConfigYaml(const std::string& mesh) {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\n"
         "data:\n  mesh: |-\n    trustDomain: td.example\n    " +
         mesh + "\n";
}

class TrustDomainTest : public SelfCaller {
 protected:
  TrustDomainTest() { directory_.Write("reviews.yaml", kReviewsYaml); }

  MeshOptions Options(const std::string& account, const std::string& ip) {
    MeshOptions options = OptionsFor(directory_, log_);
    options.service_account = account;
    options.instance_ip = ip;
    options.ca_key_file = keys_.path() + "/ca.pem";
    return options;
  }

  void Serve(MeshOptions options) {
    options.labels = {{"app", "reviews"}};
    Start(std::move(options));
  }

  // Files with a certificate of another trust domain, from the same authority.
  void WriteForeignCertificate(const YamlDirectory& files) const {
    const base::SystemClock clock;
    const auto authority = identity::CertificateAuthority::InFile(
                               keys_.path() + "/ca.pem", {.trust_domain = "other.example"}, clock)
                               .value();
    const identity::WorkloadName name{.trust_domain = "other.example",
                                      .service_account = "stranger"};
    const auto key = tls::PrivateKey::Generate().value();
    const auto request = tls::MakeSigningRequest(*key, name.SpiffeId()).value();
    files.Write("cert-chain.pem", authority->Issue(request, name, absl::Hours(1)).value()[0]);
    files.Write("root-cert.pem", authority->root_pem());
    files.Write("key.pem", key->ToPem());
    std::filesystem::permissions(files.path() + "/key.pem", std::filesystem::perms::owner_read);
  }

  const YamlDirectory keys_;
};

TEST_F(TrustDomainTest, TheMeshConfigDecidesOnTheWholeMesh) {
  directory_.Write("mesh.yaml", MeshConfigYaml(""));
  Serve(Options("reviews", "127.0.43.1"));
  const auto client = Mesh::Start(Options("productpage", "127.0.43.2")).value();
  AwaitThat("a Call by mutual TLS", [&] {
    return BodyOf(*client, kUrl) == "spiffe://td.example/ns/default/sa/productpage";
  });
}

TEST_F(TrustDomainTest, AnOptionDecidesWhereThereIsNoMeshConfig) {
  MeshOptions options = Options("reviews", "127.0.43.1");
  options.trust_domain = "td.example";
  Serve(std::move(options));
  AwaitThat("a Call by mutual TLS",
            [&] { return BodyOf(*mesh_, kUrl) == "spiffe://td.example/ns/default/sa/reviews"; });
}

TEST_F(TrustDomainTest, BadInputAnotherTrustDomainIsRefusedUntilItIsAnAlias) {
  directory_.Write("mesh.yaml", MeshConfigYaml(""));
  Serve(Options("reviews", "127.0.43.1"));
  AwaitThat("a Call by mutual TLS",
            [&] { return BodyOf(*mesh_, kUrl) == "spiffe://td.example/ns/default/sa/reviews"; });
  const YamlDirectory files;
  WriteForeignCertificate(files);
  MeshOptions options = Options("stranger", "127.0.43.2");
  options.identity = "files:" + files.path();
  const auto stranger = Mesh::Start(std::move(options)).value();
  const std::string refused = BodyOf(*stranger, kUrl);
  EXPECT_EQ(refused.find("spiffe://other.example"), std::string::npos) << refused;
  AwaitThat("the refusal", [&] { return log_.Contain("other.example/ns/default/sa/stranger"); });

  directory_.Write("mesh.yaml", MeshConfigYaml("trustDomainAliases: [other.example]"));
  AwaitThat("the alias", [&] {
    return BodyOf(*stranger, kUrl) == "spiffe://other.example/ns/default/sa/stranger";
  });
}

TEST_F(TrustDomainTest, BadInputTwoTrustDomainsForOneMesh) {
  directory_.Write("mesh.yaml", MeshConfigYaml(""));
  MeshOptions options = Options("reviews", "127.0.43.1");
  options.trust_domain = "else.example";
  const auto mesh = Mesh::Start(std::move(options));
  ASSERT_FALSE(mesh.ok());
  EXPECT_NE(mesh.status().message().find("mesh.yaml:1:1: the trust domain is td.example"),
            std::string::npos)
      << mesh.status();
}

TEST_F(TrustDomainTest, AChangeWaitsForARestart) {
  directory_.Write("mesh.yaml", MeshConfigYaml(""));
  Serve(Options("reviews", "127.0.43.1"));
  std::string text = MeshConfigYaml("");
  directory_.Write("mesh.yaml", text.replace(text.find("td.example"), 10, "next.example"));
  AwaitThat("a warning", [&] { return log_.Contain("stays td.example until a restart"); });
  AwaitThat("a Call by mutual TLS",
            [&] { return BodyOf(*mesh_, kUrl) == "spiffe://td.example/ns/default/sa/reviews"; });
}

}  // namespace
}  // namespace meshlib::integration
