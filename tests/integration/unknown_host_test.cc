// SPDX-License-Identifier: Apache-2.0
// Hosts that no configuration knows.

#include <gtest/gtest.h>

#include "integration/yaml_mesh.h"

namespace meshlib::integration {
namespace {

class UnknownHostTest : public ::testing::Test {
 protected:
  UnknownHostTest() { directory_.Write("empty.yaml", ""); }

  YamlDirectory directory_;
  LogLines log_;
};

TEST_F(UnknownHostTest, AllowAnyReachesAddressesOutsideTheMesh) {
  auto mesh = StartMesh(directory_, log_);
  auto peer = StartPeer(*mesh, "outside");
  EXPECT_EQ(BodyOf(*mesh, "http://" + peer->address() + "/"), "outside");
  EXPECT_EQ(BodyOf(*mesh, "http://localhost:" + std::to_string(peer->port()) + "/"), "outside");
}

TEST_F(UnknownHostTest, AllowAnyNeverAppliesUnderTheClusterDomain) {
  auto mesh = StartMesh(directory_, log_);
  for (const char* url : {"http://ghost.default.svc.cluster.local/", "http://ghost/"}) {
    EXPECT_EQ(ErrorOf(*mesh, url).reason, CallErrorReason::kNoRoute) << url;
  }
}

TEST_F(UnknownHostTest, RegistryOnlyAnswersAsABlackHole) {
  MeshOptions options = OptionsFor(directory_, log_);
  options.outbound_traffic_policy = OutboundTrafficPolicy::kRegistryOnly;
  auto mesh = Mesh::Start(std::move(options)).value();
  auto peer = StartPeer(*mesh, "outside");
  const CallError error = ErrorOf(*mesh, "http://" + peer->address() + "/");
  EXPECT_TRUE(error.reason == CallErrorReason::kBlackHole ||
              error.reason == CallErrorReason::kNoRoute);
}

TEST_F(UnknownHostTest, MalformedUrlsAreRefused) {
  auto mesh = StartMesh(directory_, log_);
  for (const std::string& url :
       {std::string(""), std::string("reviews"), std::string("ftp://reviews/"),
        std::string("http:///"), std::string("http://reviews:99999/"),
        "http://" + std::string(10'000, 'a') + "/", std::string("http://re views/")}) {
    EXPECT_EQ(ErrorOf(*mesh, url).reason, CallErrorReason::kInvalidRequest) << url.substr(0, 40);
  }
}

}  // namespace
}  // namespace meshlib::integration
