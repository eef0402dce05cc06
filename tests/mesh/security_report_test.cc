// SPDX-License-Identifier: Apache-2.0
#include "mesh/security_report.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "pick/endpoint_registry.h"
#include "pick/picker.h"

namespace meshlib::mesh {
namespace {

using snapshot::ClientTls;

struct At {
  uint16_t port;
  resource::TlsMode mode = resource::TlsMode::kDisabled;
};

class SecurityReportTest : public ::testing::Test {
 protected:
  // A Cluster with these endpoints of 10.0.0.1.
  snapshot::ClusterEntry& Add(const std::string& name, const std::vector<At>& endpoints,
                              resource::ClusterSecurity security = {}) {
    resource::EndpointSet set;
    set.localities.push_back({});
    for (const At& at : endpoints) {
      set.localities[0].endpoints.push_back(
          {.address = *resource::Address::FromIp("10.0.0.1", at.port), .tls_mode = at.mode});
    }
    resource::Cluster cluster;
    cluster.name = resource::ClusterName(name);
    cluster.discovery = resource::StaticDiscovery{set};
    cluster.security = std::move(security);
    pick::EndpointRegistry registry(cluster.name);
    auto entry = std::make_shared<snapshot::ClusterEntry>();
    registry.BeginBuild();
    entry->picker =
        pick::BuildPicker(cluster, std::make_shared<const resource::EndpointSet>(set), registry);
    registry.EndBuild();
    entry->state = registry.cluster();
    entry->cluster = std::make_shared<const resource::Cluster>(std::move(cluster));
    snapshot_.clusters[name] = entry;
    return *entry;
  }
  std::string Text() const {
    std::string text;
    for (const resource::ReportEntry& line : SecurityReport(snapshot_)) {
      text += line.ToString() + "\n";
    }
    return text;
  }

  snapshot::MeshSnapshot snapshot_;
};

TEST_F(SecurityReportTest, SaysForEveryEndpointHowItIsCalledAndWhy) {
  Add("plain", {{80}, {81}});
  resource::ClusterSecurity by_mode;
  by_mode.for_istio.emplace();
  Add("mixed", {{80, resource::TlsMode::kIstio}, {81}, {82, resource::TlsMode::kIstio}}, by_mode)
      .for_istio =
      std::make_shared<const ClientTls>(tls::ClientSettings{}, ClientTls::ByHost{}, "mutual TLS");
  EXPECT_EQ(Text(),
            "Cluster \"mixed\": 2 endpoints (10.0.0.1:80, 10.0.0.1:82): mutual TLS, applied\n"
            "Cluster \"mixed\": 1 endpoint (10.0.0.1:81): plaintext: no tlsMode istio, applied\n"
            "Cluster \"plain\": 2 endpoints (10.0.0.1:80, 10.0.0.1:81): plaintext, applied\n");
}

TEST_F(SecurityReportTest, WhatFailsCallsIsRejectedWithTheReason) {
  Add("waits", {{80}}).always = std::make_shared<const ClientTls>(
      ClientTls::NotYet{absl::UnavailableError("no answer")}, "mutual TLS");
  Add("broken", {{80}}).always = std::make_shared<const ClientTls>(
      absl::NotFoundError("/ca.pem: No such file or directory"), "TLS");
  EXPECT_EQ(Text(),
            "Cluster \"broken\": 1 endpoint (10.0.0.1:80): security: /ca.pem: No such file or "
            "directory (TLS), rejected\n"
            "Cluster \"waits\": 1 endpoint (10.0.0.1:80): security: no answer; Calls wait for it "
            "(mutual TLS), rejected\n");
}

TEST_F(SecurityReportTest, WhatTheHostOfARequestDecidesIsLeftOpen) {
  Add("by-host", {{80}}).always = std::make_shared<const ClientTls>(
      tls::ClientSettings{}, ClientTls::ByHost{.sni = true, .names = true},
      "TLS, SNI is the request's host");
  EXPECT_EQ(Text(),
            "Cluster \"by-host\": 1 endpoint (10.0.0.1:80): TLS, SNI is the request's host, "
            "applied\n");
}

TEST_F(SecurityReportTest, ManyEndpointsAreCountedAndSomeAreNamed) {
  std::vector<At> many;
  for (uint16_t port = 1; port <= 1000; ++port) many.push_back({port});
  Add("many", many);
  const std::string text = Text();
  EXPECT_EQ(text.rfind("Cluster \"many\": 1000 endpoints (10.0.0.1:1, ", 0), 0u) << text;
  EXPECT_NE(text.find("10.0.0.1:16, ...): plaintext"), std::string::npos) << text;
}

}  // namespace
}  // namespace meshlib::mesh
