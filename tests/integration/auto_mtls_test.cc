// SPDX-License-Identifier: Apache-2.0
// Which workloads that register are called by mutual TLS, where no DestinationRule says so.

#include <gtest/gtest.h>

#include <string>

#include "integration/self_caller.h"

namespace meshlib::integration {
namespace {

std::string PeerAuthenticationYaml(const std::string& mode) {
  return "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: default}\n"
         "spec: {mtls: {mode: " +
         mode + "}}\n";
}

class AutoMtlsTest : public SelfCaller {
 protected:
  void StartReviews(const std::string& mode, const std::string& tls_mode) {
    directory_.Write("reviews.yaml", ServiceYaml("reviews"));
    directory_.Write("security.yaml", PeerAuthenticationYaml(mode));
    MeshOptions options = OptionsOf("reviews", "127.0.44.1");
    if (!tls_mode.empty()) options.labels["security.istio.io/tlsMode"] = tls_mode;
    Start(std::move(options));
  }

  void AwaitAnswer(const std::string& text) {
    AwaitThat(text, [&] { return BodyOf(*mesh_, "http://reviews/") == text; });
  }
};

constexpr const char* kMe = "spiffe://cluster.local/ns/default/sa/default";

TEST_F(AutoMtlsTest, APortThatTakesNothingElseIsCalledByMutualTls) {
  StartReviews("STRICT", "");
  AwaitAnswer(kMe);
}

TEST_F(AutoMtlsTest, APortThatTakesBothIsCalledInPlaintextUnlessItsLabelSaysOtherwise) {
  StartReviews("PERMISSIVE", "");
  AwaitAnswer("nobody");
  directory_.Write("security.yaml", PeerAuthenticationYaml("STRICT"));
  AwaitAnswer(kMe);
}

TEST_F(AutoMtlsTest, TheLabelMakesItCalledByMutualTls) {
  StartReviews("PERMISSIVE", "istio");
  AwaitAnswer(kMe);
}

TEST_F(AutoMtlsTest, TheLabelSwitchesItOff) {
  StartReviews("DISABLE", "");
  AwaitAnswer("nobody");
  server_.reset();
  mesh_.reset();
  StartReviews("STRICT", "disabled");
  const std::string refused = BodyOf(*mesh_, "http://reviews/");
  EXPECT_EQ(refused.find(kMe), std::string::npos) << refused;
  EXPECT_EQ(refused.find("nobody"), std::string::npos) << refused;
}

}  // namespace
}  // namespace meshlib::integration
