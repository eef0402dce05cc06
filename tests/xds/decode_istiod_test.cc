// SPDX-License-Identifier: Apache-2.0
// Every answer that a real istiod gave is accepted.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"
#include "proto/type_urls.h"
#include "xds/decode_types.h"

namespace meshlib::xds {
namespace {

namespace discovery = envoy::service::discovery::v3;

std::vector<std::string> Recordings() {
  std::vector<std::string> paths;
  const std::filesystem::path root(MESHLIB_TEST_DATA);
  for (const auto& file : std::filesystem::recursive_directory_iterator(root / "istiod")) {
    if (file.path().extension() == ".pb") {
      paths.push_back(std::filesystem::relative(file.path(), root / "istiod").string());
    }
  }
  return paths;
}

discovery::DiscoveryResponse Read(const std::string& recording) {
  std::ifstream file(std::string(MESHLIB_TEST_DATA) + "/istiod/" + recording, std::ios::binary);
  discovery::DiscoveryResponse response;
  EXPECT_TRUE(response.ParseFromIstream(&file)) << recording;
  return response;
}

std::vector<ResourceType> Types() {
  return {ListenerType().untyped, RouteConfigType().untyped, ClusterType().untyped,
          EndpointSetType().untyped};
}

// What the answer's resources decode to; problems fail the test.
void DecodeAll(const std::string& recording, resource::Report& report) {
  const discovery::DiscoveryResponse response = Read(recording);
  for (const ResourceType& type : Types()) {
    if (type.type_url != response.type_url()) continue;
    for (const auto& resource : response.resources()) {
      const auto decoded = type.decode(resource.value(), report);
      EXPECT_TRUE(decoded.ok()) << recording << ": " << decoded.status();
    }
  }
}

class IstiodRecordingTest : public ::testing::TestWithParam<std::string> {};

TEST_P(IstiodRecordingTest, DecodesWithoutANack) {
  const discovery::DiscoveryResponse response = Read(GetParam());
  if (response.type_url() == proto::kNameTableTypeUrl) return;  // never asked for
  EXPECT_GT(response.resources_size(), 0);
  resource::Report report;
  DecodeAll(GetParam(), report);
}

// Bytes that are damaged in one place are refused or decoded, and nothing else happens.
TEST_P(IstiodRecordingTest, SurvivesDamage) {
  const discovery::DiscoveryResponse response = Read(GetParam());
  base::Random random(1);
  for (const ResourceType& type : Types()) {
    if (type.type_url != response.type_url()) continue;
    for (int i = 0; i < std::min(response.resources_size(), 3); ++i) {
      for (int round = 0; round < 50; ++round) {
        std::string bytes = response.resources(i).value();
        bytes[random.Below(bytes.size())] = static_cast<char>(random.Below(256));
        if (random.Below(4) == 0) bytes.resize(random.Below(bytes.size()));
        resource::Report report;
        const auto decoded = type.decode(bytes, report);
        EXPECT_TRUE(decoded.ok() || !decoded.status().message().empty());
      }
    }
  }
}

std::string TestName(const ::testing::TestParamInfo<std::string>& recording) {
  std::string name;
  for (const char c : recording.param) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Answers, IstiodRecordingTest, ::testing::ValuesIn(Recordings()), TestName);

template <typename T>
std::shared_ptr<const T> Find(const ResourceTypeOf<T>& type, const std::string& recording,
                              const std::string& name) {
  resource::Report report;
  const discovery::DiscoveryResponse response = Read(recording);
  for (const auto& resource : response.resources()) {
    const auto decoded = type.untyped.decode(resource.value(), report);
    if (!decoded.ok()) continue;
    auto value = std::static_pointer_cast<const T>(*decoded);
    if (value->name.value == name) return value;
  }
  ADD_FAILURE() << "no " << name << " in " << recording;
  return std::make_shared<const T>();
}

TEST(IstiodMeaningTest, SidecarClusterKeepsItsLimitsAndItsTlsForIstioEndpoints) {
  const auto cluster = Find(ClusterType(), "C-router/03-response-cds.pb",
                            "outbound|9080||productpage.default.svc.cluster.local");
  EXPECT_EQ(cluster->lb_policy, resource::LbPolicy::kLeastRequest);
  EXPECT_EQ(cluster->circuit_breakers.max_requests, 4294967295u);
  EXPECT_EQ(cluster->connect_timeout, absl::Seconds(10));
  EXPECT_EQ(cluster->healthy_panic_percent, 0);
  EXPECT_TRUE(cluster->security.for_istio.has_value());
  EXPECT_FALSE(cluster->security.always.has_value());
  EXPECT_FALSE(cluster->unusable.has_value());
}

TEST(IstiodMeaningTest, ClustersOfAStrictMeshAskForTheWorkloadsIdentity) {
  resource::Report report;
  int secured = 0;
  const discovery::DiscoveryResponse response = Read("B-grpc-client/06-response-cds.pb");
  for (const auto& resource : response.resources()) {
    const auto decoded = ClusterType().untyped.decode(resource.value(), report);
    ASSERT_TRUE(decoded.ok());
    const auto& cluster = *static_cast<const resource::Cluster*>(decoded->get());
    EXPECT_FALSE(cluster.unusable.has_value()) << *cluster.unusable;
    const auto& tls = cluster.security.always;
    if (!tls) continue;
    ++secured;
    EXPECT_EQ(tls->identity.value().provider_instance, "default");
    EXPECT_EQ(tls->roots.value().provider_instance, "default");
  }
  EXPECT_GT(secured, 0);
}

TEST(IstiodMeaningTest, InboundListenerOfAStrictMeshSaysWhoMayCall) {
  const discovery::DiscoveryResponse response = Read("B-grpc-server/02-response-lds.pb");
  resource::Report report;
  ASSERT_GT(response.resources_size(), 0);
  const auto decoded = ListenerType().untyped.decode(response.resources(0).value(), report);
  ASSERT_TRUE(decoded.ok());
  const auto& listener = *static_cast<const resource::Listener*>(decoded->get());
  EXPECT_FALSE(listener.unusable.has_value()) << *listener.unusable;
  ASSERT_FALSE(listener.filter_chains.empty());
  const resource::FilterChain& chain = listener.filter_chains[0];
  ASSERT_TRUE(chain.tls.has_value());
  EXPECT_TRUE(chain.tls->require_client_certificate);
  ASSERT_TRUE(chain.http.has_value());
  ASSERT_EQ(chain.http->rbac.size(), 2u);
  EXPECT_EQ(chain.http->rbac[0].rules->action, resource::RbacRules::Action::kDeny);
  EXPECT_EQ(chain.http->rbac[1].rules->action, resource::RbacRules::Action::kAllow);
  EXPECT_EQ(chain.http->rbac[1].rules->policies.at(0).name, "default-reviews-0");
}

TEST(IstiodMeaningTest, RouteKeepsItsOriginItsFaultAndItsTimeouts) {
  const auto config = Find(RouteConfigType(), "A-grpc-client/04-response-rds.pb",
                           "outbound|9080||reviews.default.svc.cluster.local");
  ASSERT_EQ(config->virtual_hosts.size(), 1u);
  ASSERT_EQ(config->virtual_hosts[0].routes.size(), 2u);
  const resource::Route& canary = config->virtual_hosts[0].routes[0];
  EXPECT_EQ(canary.origin.object, "VirtualService default/reviews");
  ASSERT_TRUE(canary.fault && canary.fault->abort && canary.fault->delay);
  EXPECT_EQ(canary.fault->abort->percentage.per_million, 50'000u);
  EXPECT_EQ(canary.fault->delay->fixed, absl::Milliseconds(500));
  const auto& split = std::get<resource::ForwardAction>(config->virtual_hosts[0].routes[1].action);
  EXPECT_EQ(split.timeout, absl::Seconds(2));
  ASSERT_TRUE(split.retry_policy.has_value());
  EXPECT_TRUE(split.retry_policy->avoid_previous_endpoints);
  EXPECT_EQ(split.retry_policy->host_selection_retry_max_attempts, 5u);
}

TEST(IstiodMeaningTest, WhatIsNotDoneIsReportedWithItsIstioObject) {
  resource::Report report;
  DecodeAll("A-grpc-client/04-response-rds.pb", report);
  const resource::ReportEntry expected{
      .disposition = resource::Disposition::kIgnored,
      .resource_type = "RouteConfig",
      .resource_name = "outbound|9080||reviews.default.svc.cluster.local",
      .field = "virtual_hosts[0].routes[0].route.hash_policy",
      .message = "not supported yet",
      .origin = {.object = "VirtualService default/reviews", .field = ""}};
  EXPECT_NE(std::find(report.begin(), report.end(), expected), report.end());
}

}  // namespace
}  // namespace meshlib::xds
