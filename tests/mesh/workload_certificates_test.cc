// SPDX-License-Identifier: Apache-2.0
#include "mesh/workload_certificates.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "fake/bounded_run.h"
#include "identity/secret_file.h"
#include "manifest/temp_directory.h"

namespace meshlib::mesh {
namespace {

using Kind = ControlPlaneTarget::Kind;

class WorkloadCertificatesTest : public ::testing::Test {
 protected:
  static MeshOptions Options(const std::string& identity) {
    MeshOptions options;
    options.identity = identity;
    options.token_file = "none";
    return options;
  }
  absl::StatusOr<std::unique_ptr<WorkloadCertificates>> Start(const std::string& identity,
                                                              const ControlPlaneTarget& target) {
    return WorkloadCertificates::Start(Options(identity), target, *loop_, clock_, log_);
  }
  void Await(const std::string& what, const std::function<bool()>& done) {
    EXPECT_TRUE(fake::RunUntil(*loop_, clock_, done)) << "waited for " << what << " in:\n"
                                                      << lines_;
  }

  base::SystemClock clock_;
  const std::unique_ptr<net::Loop> loop_ = net::Loop::Create(clock_).value();
  std::string lines_;
  const Log log_{[this](LogSeverity, std::string_view line) { (lines_ += line) += '\n'; }};
  manifest::TempDirectory directory_;
};

const ControlPlaneTarget kYaml{Kind::kYaml, "mesh"};
const ControlPlaneTarget kPlaintext{Kind::kGrpc, "127.0.0.1:1"};

TEST_F(WorkloadCertificatesTest, AnEmbeddedControlPlaneHasAnAuthority) {
  const auto certificates = Start("", kYaml).value();
  Await("a certificate", [&] { return certificates->source()->Current() != nullptr; });
  EXPECT_EQ(certificates->source()->Current()->spiffe_id,
            "spiffe://cluster.local/ns/default/sa/default");
  const IdentityReport identity = certificates->Identity();
  EXPECT_EQ(identity.spiffe_id, "spiffe://cluster.local/ns/default/sa/default");
  EXPECT_EQ(identity.expires_at, certificates->source()->Current()->expires_at);
  EXPECT_EQ(identity.renewals, 0u);
  EXPECT_EQ(identity.failed_renewals, 0u);
  EXPECT_EQ(identity.failing_since, std::nullopt);
  EXPECT_EQ(identity.last_error, "");
  const resource::Report report = certificates->Report();
  ASSERT_EQ(report.size(), 1u);
  EXPECT_EQ(report[0].disposition, resource::Disposition::kApplied);
  EXPECT_EQ(report[0].message, identity.ToString());
}

TEST_F(WorkloadCertificatesTest, RenewalsAreCounted) {
  MeshOptions options = Options("");
  options.certificate_lifetime = absl::Seconds(1);
  const auto certificates =
      WorkloadCertificates::Start(options, kYaml, *loop_, clock_, log_).value();
  Await("two renewals", [&] { return certificates->Identity().renewals >= 2; });
  EXPECT_EQ(certificates->Identity().failed_renewals, 0u);
}

TEST_F(WorkloadCertificatesTest, ProcessesWithOneKeyFileHaveOneRoot) {
  MeshOptions options = Options("");
  options.ca_key_file = directory_.At("ca.pem");
  const auto one = WorkloadCertificates::Start(options, kYaml, *loop_, clock_, log_).value();
  const std::string key = identity::ReadSecretFile(options.ca_key_file).value();
  const auto two = WorkloadCertificates::Start(options, kYaml, *loop_, clock_, log_).value();
  EXPECT_EQ(identity::ReadSecretFile(options.ca_key_file).value(), key);
}

TEST_F(WorkloadCertificatesTest, APlaintextControlPlaneGivesNone) {
  const auto certificates = Start("", kPlaintext).value();
  EXPECT_EQ(certificates->source(), nullptr);
  EXPECT_TRUE(certificates->Report().empty());
  EXPECT_EQ(certificates->Identity().ToString(), "no certificate");
}

TEST_F(WorkloadCertificatesTest, NoneMeansNone) {
  EXPECT_EQ(Start("none", kYaml).value()->source(), nullptr);
}

TEST_F(WorkloadCertificatesTest, FilesThatAreMissingAreInTheLogAndTheReport) {
  const auto certificates = Start("files:" + directory_.path(), kPlaintext).value();
  ASSERT_NE(certificates->source(), nullptr);
  EXPECT_NE(lines_.find(directory_.path()), std::string::npos) << lines_;
  const resource::Report report = certificates->Report();
  ASSERT_EQ(report.size(), 1u);
  EXPECT_NE(report[0].message.find("there is no certificate yet"), std::string::npos)
      << report[0].message;
  EXPECT_EQ(report[0].disposition, resource::Disposition::kRejected);
  const IdentityReport identity = certificates->Identity();
  EXPECT_EQ(identity.failed_renewals, 1u);
  EXPECT_TRUE(identity.failing_since);
  EXPECT_NE(identity.last_error.find(directory_.path()), std::string::npos) << identity.last_error;
}

TEST_F(WorkloadCertificatesTest, AnAuthorityThatIsNotThereIsNamed) {
  directory_.Write("root.pem", "x");
  MeshOptions options = Options("grpcs://127.0.0.1:1");
  options.root_file = directory_.At("missing.pem");
  const auto certificates =
      WorkloadCertificates::Start(options, kPlaintext, *loop_, clock_, log_).value();
  Await("a problem", [&] { return lines_.find("missing.pem") != std::string::npos; });
  EXPECT_EQ(certificates->Report().size(), 1u);
}

TEST_F(WorkloadCertificatesTest, MalformedOptionsAreRefused) {
  for (const char* identity : {"grpc://127.0.0.1:1", "yaml:mesh", "files", "somewhere"}) {
    const auto started = Start(identity, kYaml);
    ASSERT_FALSE(started.ok()) << identity;
    EXPECT_NE(std::string(started.status().message()).find("files:DIR"), std::string::npos);
  }
  EXPECT_EQ(Start("files:" + directory_.At("none"), kYaml).status().code(),
            absl::StatusCode::kNotFound);
  MeshOptions options = Options("");
  options.service_account = "a/b";
  EXPECT_FALSE(WorkloadCertificates::Start(options, kYaml, *loop_, clock_, log_).ok());
}

}  // namespace
}  // namespace meshlib::mesh
