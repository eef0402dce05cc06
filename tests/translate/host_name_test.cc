// SPDX-License-Identifier: Apache-2.0
#include "translate/host_name.h"

#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "translate/cluster_name.h"
#include "translate/port_protocol.h"
#include "translate/virtual_service_index.h"

namespace meshlib::translate {
namespace {

TEST(HostNameTest, ShortNamesAreCompletedFromTheNamespaceOfTheirObject) {
  struct Row {
    const char *host, *name_space, *expected;
  };
  for (const Row& row :
       {Row{"reviews", "shop", "reviews.shop.svc.cluster.local"},
        Row{"Reviews", "shop", "reviews.shop.svc.cluster.local"},
        Row{"reviews.prod", "shop", "reviews.prod"}, Row{"*", "shop", "*"},
        Row{"*.Example.com", "shop", "*.example.com"}, Row{"10.0.0.1", "shop", "10.0.0.1"},
        Row{"fd00::1", "shop", "fd00::1"}, Row{"", "shop", ""}}) {
    EXPECT_EQ(ExpandHost(row.host, row.name_space), row.expected) << row.host;
  }
}

TEST(HostNameTest, WildcardsCoverWhatEndsAlike) {
  struct Row {
    const char *host, *of;
    bool within, overlap;
  };
  for (const Row& row :
       {Row{"a.example.com", "*.example.com", true, true},
        Row{"example.com", "*.example.com", false, false},
        Row{"*.example.com", "a.example.com", false, true},
        Row{"*.a.example.com", "*.example.com", true, true},
        Row{"*.example.com", "*.a.example.com", false, true},
        Row{"*.example.com", "*.example.org", false, false}, Row{"anything", "*", true, true},
        Row{"a", "a", true, true}, Row{"a", "b", false, false}}) {
    EXPECT_EQ(HostIsWithin(row.host, row.of), row.within) << row.host << " in " << row.of;
    EXPECT_EQ(HostsOverlap(row.host, row.of), row.overlap) << row.host << " and " << row.of;
  }
}

TEST(HostNameTest, OfTwoHostsThatContainOneAnotherTheNarrowOneIsMeant) {
  EXPECT_EQ(absl::StrJoin(IntersectHosts({"*.example.com"}, {"a.example.com", "b.org"}), " "),
            "a.example.com");
  EXPECT_EQ(absl::StrJoin(IntersectHosts({"a.example.com", "b.org"}, {"*"}), " "),
            "a.example.com b.org");
  EXPECT_EQ(absl::StrJoin(IntersectHosts({"a.org"}, {"b.org"}), " "), "");
}

TEST(HostNameTest, ShortFormsDependOnWhoCalls) {
  const auto forms = [](const char* host, const char* domain) {
    return absl::StrJoin(AlternativeHosts(host, domain), " ");
  };
  EXPECT_EQ(forms("reviews.shop.svc.cluster.local", "shop.svc.cluster.local"),
            "reviews.shop.svc.cluster.local. reviews reviews.shop.svc reviews.shop");
  EXPECT_EQ(forms("reviews.shop.svc.cluster.local", "other.svc.cluster.local"),
            "reviews.shop.svc.cluster.local. reviews.shop reviews.shop.svc");
  EXPECT_EQ(forms("api.example.com", "shop.svc.cluster.local"), "api.example.com.");
  EXPECT_EQ(forms("10.0.0.1", "shop.svc.cluster.local"), "");
}

TEST(HostNameTest, AddressesOfVersion6AreBracketed) {
  EXPECT_EQ(JoinHostPort("fd00::1", 80), "[fd00::1]:80");
  EXPECT_EQ(JoinHostPort("[fd00::1]", 80), "[fd00::1]:80");
  EXPECT_EQ(JoinHostPort("reviews", 80), "reviews:80");
}

TEST(ClusterNameTest, NamesAreReadAsTheyAreWritten) {
  const auto key = ParseClusterKey("outbound|9080|v1|reviews.default.svc.cluster.local");
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->ToString(), "outbound|9080|v1|reviews.default.svc.cluster.local");
  EXPECT_EQ(key->Sni(), "outbound_.9080_.v1_.reviews.default.svc.cluster.local");
  for (const char* other : {"PassthroughCluster", "inbound|9080||", "outbound|x||reviews",
                            "outbound|0||reviews", "outbound|70000||reviews", "outbound|80||"}) {
    EXPECT_FALSE(ParseClusterKey(other).has_value()) << other;
  }
}

TEST(ClusterNameTest, HostsAndPortsAreSplit) {
  EXPECT_EQ(ParseHostPort("reviews:9080")->host, "reviews");
  EXPECT_EQ(ParseHostPort("[::1]:9080")->host, "::1");
  for (const char* other : {"reviews", ":9080", "reviews:", "reviews:0", "::1:80", ""}) {
    EXPECT_FALSE(ParseHostPort(other).has_value()) << other;
  }
}

TEST(PortProtocolTest, NamesOfPortsSayWhatIsSpoken) {
  using P = PortProtocol;
  struct Row {
    const char *transport, *app_protocol, *name;
    uint32_t number;
    P expected;
  };
  for (const Row& row :
       {Row{"TCP", "", "http", 80, P::kHttp}, Row{"TCP", "", "http-web", 80, P::kHttp},
        Row{"TCP", "", "grpc-web-x", 80, P::kGrpcWeb}, Row{"TCP", "", "grpc", 80, P::kGrpc},
        Row{"TCP", "", "http2-x", 80, P::kHttp2}, Row{"TCP", "", "https", 443, P::kTls},
        Row{"TCP", "", "web", 80, P::kSniffed}, Row{"TCP", "", "", 3306, P::kTcp},
        Row{"TCP", "", "redis-cache", 6379, P::kTcp}, Row{"UDP", "", "http", 80, P::kUdp},
        Row{"TCP", "http", "tcp-x", 80, P::kHttp},
        Row{"TCP", "kubernetes.io/h2c", "x", 80, P::kHttp2},
        Row{"TCP", "kubernetes.io/ws", "x", 80, P::kHttp},
        Row{"TCP", "kubernetes.io/wss", "x", 80, P::kTls}}) {
    EXPECT_EQ(KubernetesPortProtocol(row.transport, row.app_protocol, row.name, row.number),
              row.expected)
        << row.app_protocol << " " << row.name;
  }
}

TEST(GatewayNameTest, NamesOfGatewaysAreCompletedFromTheNamespace) {
  EXPECT_EQ(GatewayName("mesh", "shop"), "mesh");
  EXPECT_EQ(GatewayName("edge", "shop"), "shop/edge");
  EXPECT_EQ(GatewayName("./edge", "shop"), "shop/edge");
  EXPECT_EQ(GatewayName("infra/edge", "shop"), "infra/edge");
  EXPECT_EQ(GatewayName("edge.infra.svc.cluster.local", "shop"), "infra/edge");
}

}  // namespace
}  // namespace meshlib::translate
