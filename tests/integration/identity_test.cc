// SPDX-License-Identifier: Apache-2.0
// Certificates of the mesh's own authority, from Istio YAML to the handler and back.

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include "fake/test_ca.h"
#include "integration/self_caller.h"

namespace meshlib::integration {
namespace {

constexpr const char* kMutualTlsYaml = R"(---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews}
spec: {host: reviews, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict}
spec: {mtls: {mode: STRICT}}
)";

constexpr const char* kReviews = "spiffe://cluster.local/ns/default/sa/reviews";

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

class IdentityTest : public SelfCaller {
 protected:
  void WriteReviews() { directory_.Write("reviews.yaml", ServiceYaml("reviews") + kMutualTlsYaml); }
  void StartReviews(absl::Duration lifetime, const std::string& identity = "") {
    WriteReviews();
    MeshOptions options = OptionsOf("reviews", "127.0.42.1");
    options.service_account = "reviews";
    options.certificate_lifetime = lifetime;
    options.identity = identity;
    Start(std::move(options));
  }
};

TEST_F(IdentityTest, TheHandlerIsToldWhoCalls) {
  StartReviews(absl::Hours(24));
  AwaitThat("a Call by mutual TLS", [&] { return BodyOf(*mesh_, "http://reviews/") == kReviews; });
}

TEST_F(IdentityTest, CertificatesAreReplacedWhileCallsGoOn) {
  StartReviews(absl::Seconds(2));
  AwaitThat("a Call by mutual TLS", [&] { return BodyOf(*mesh_, "http://reviews/") == kReviews; });
  std::string wrong;
  AwaitThat("four certificates", [&] {
    const std::string body = BodyOf(*mesh_, "http://reviews/");
    if (body != kReviews) wrong = body;
    return Count(log_.text(), std::string("identity: ") + kReviews + " until") >= 4;
  });
  EXPECT_EQ(wrong, "");
}

TEST_F(IdentityTest, TheFirstCertificateIsWaitedForByCallsAndPorts) {
  YamlDirectory certificates;
  StartReviews(absl::Hours(24), "files:" + certificates.path());
  std::string late;
  AwaitThat("a Call whose configuration is there", [&] {
    late = BodyOf(*mesh_, "http://reviews/", {.deadline = absl::Milliseconds(300)});
    return late.find(certificates.path()) != std::string::npos;
  });
  EXPECT_NE(late.find("the Call's deadline has passed after"), std::string::npos) << late;
  HttpRequest request;
  request.url = "http://reviews/";
  const auto explained = mesh_->Explain(request).value();
  ASSERT_FALSE(explained.endpoints.empty());
  EXPECT_NE(explained.endpoints[0].security.find("Calls wait for it"), std::string::npos)
      << explained.endpoints[0].security;

  std::string answer;
  std::thread caller([&] { answer = BodyOf(*mesh_, "http://reviews/"); });
  const fake::TestCa ca = fake::TestCa::Root();
  const fake::TestIdentity workload = ca.Workload(kReviews);
  certificates.Write("tls.key", workload.key_pem);
  std::filesystem::permissions(certificates.path() + "/tls.key",
                               std::filesystem::perms::owner_read);
  certificates.Write("ca.crt", ca.pem());
  certificates.Write("tls.crt", workload.chain_pem);
  caller.join();
  EXPECT_EQ(answer, kReviews);
}

TEST_F(IdentityTest, TheReportSaysWhoItIsAndCountsRenewals) {
  StartReviews(absl::Seconds(2));
  AwaitThat("a renewal", [&] { return mesh_->Identity().renewals > 0; });
  const IdentityReport identity = mesh_->Identity();
  EXPECT_EQ(identity.spiffe_id, kReviews);
  EXPECT_EQ(identity.failed_renewals, 0u);
  const std::string line = mesh_->Report().back().text;
  EXPECT_EQ(line.rfind(std::string("WorkloadIdentity \"default\": ") + kReviews + " until ", 0), 0u)
      << line;
}

TEST_F(IdentityTest, NoPrivateKeyIsLogged) {
  StartReviews(absl::Seconds(2));
  AwaitThat("two certificates", [&] { return Count(log_.text(), "identity: ") >= 2; });
  EXPECT_EQ(log_.text().find("PRIVATE"), std::string::npos);
  EXPECT_EQ(log_.text().find("MIGHAgEA"), std::string::npos);
}

TEST_F(IdentityTest, FilesThatAreMissingAreInTheReport) {
  WriteReviews();
  YamlDirectory certificates;
  MeshOptions options = OptionsFor(directory_, log_);
  options.identity = "files:" + certificates.path();
  options.instance_ip = "127.0.42.2";
  auto mesh = Mesh::Start(std::move(options)).value();
  bool found = false;
  for (const ReportLine& line : mesh->Report()) {
    found = found || line.text.find(certificates.path()) != std::string::npos;
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace meshlib::integration
