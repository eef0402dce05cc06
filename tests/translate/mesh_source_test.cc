// SPDX-License-Identifier: Apache-2.0
#include "translate/mesh_source.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/fake_event_loop.h"
#include "fake/fake_port_probe.h"
#include "manifest/load.h"
#include "proto/type_urls.h"
#include "translate/xds.h"

namespace meshlib::translate {
namespace {

constexpr char kReviews[] = R"(
apiVersion: v1
kind: Service
metadata: {name: reviews}
spec:
  selector: {app: reviews}
  ports: [{name: http, port: 9080}]
)";
constexpr char kRatings[] = R"(
---
apiVersion: v1
kind: Service
metadata: {name: ratings}
spec:
  selector: {app: ratings}
  ports: [{name: http, port: 9080}]
)";
constexpr char kSlice[] = R"(
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
addressType: IPv4
metadata: {name: reviews-1, labels: {kubernetes.io/service-name: reviews}}
ports: [{name: http, port: 9080}]
endpoints: [{addresses: [127.0.0.9]}]
)";
constexpr char kCluster[] = "outbound|9080||reviews.default.svc.cluster.local";
constexpr char kRatingsCluster[] = "outbound|9080||ratings.default.svc.cluster.local";

class MeshSourceTest : public ::testing::Test {
 protected:
  MeshSourceTest() {
    watch_ = source_.Watch([this] { ++changes_; });
  }

  void Update(const std::string& yaml) {
    manifest::LoadResult loaded = manifest::LoadText(yaml, "mesh.yaml");
    ASSERT_TRUE(loaded.ok()) << manifest::ToText(loaded.problems);
    source_.Update(std::make_shared<const manifest::Manifest>(std::move(loaded.manifest)));
  }
  static ads_server::Node Node(const std::string& name_space = "default") {
    ads_server::Node node;
    node.name_space = name_space;
    node.dns_domain = name_space + ".svc.cluster.local";
    return node;
  }
  ads_server::ServedResources Ask(std::string_view type_url, const std::string& name,
                                  const ads_server::Node& node = Node()) {
    return source_.Resources(node, type_url, {name}, false);
  }
  std::shared_ptr<const std::string> Body(std::string_view type_url, const std::string& name,
                                          const ads_server::Node& node = Node()) {
    const ads_server::ServedResources served = Ask(type_url, name, node);
    return served.resources.empty() ? nullptr : served.resources.front().body;
  }
  // "127.0.1.1 127.0.1.2", or "withheld".
  std::string Addresses(const std::string& cluster = kCluster) {
    const ads_server::ServedResources served = Ask(proto::kEndpointSetTypeUrl, cluster);
    if (!served.withheld.empty()) return "withheld";
    if (served.resources.empty()) return "absent";
    xds_endpoint::ClusterLoadAssignment set;
    EXPECT_TRUE(set.ParseFromString(*served.resources.front().body));
    std::string text;
    for (const auto& locality : set.endpoints()) {
      for (const auto& endpoint : locality.lb_endpoints()) {
        absl::StrAppend(&text, text.empty() ? "" : " ",
                        endpoint.endpoint().address().socket_address().address());
      }
    }
    return text;
  }
  base::Subscription Register(const std::string& address) {
    probe_.open().insert(address + ":9080");
    base::Subscription registration =
        registry_.Register({.workload = {.name = "reviews-v1",
                                         .name_space = "default",
                                         .service_account = "",
                                         .labels = {{"app", "reviews"}},
                                         .address = address,
                                         .ports = {}},
                            .port = 9080});
    loop_.RunUntilIdle();
    return registration;
  }
  int Changes() { return std::exchange(changes_, 0); }

  fake::FakeEventLoop loop_;
  fake::FakePortProbe probe_{loop_};
  registry::Registry registry_{loop_, probe_};
  MeshSource source_{registry_};
  int changes_ = 0;
  base::Subscription watch_;
};

TEST_F(MeshSourceTest, BeforeTheFirstManifestNothingExists) {
  EXPECT_EQ(Body(proto::kClusterTypeUrl, kCluster), nullptr);
  EXPECT_TRUE(source_.report().empty());
}

TEST_F(MeshSourceTest, UnknownNamesAreNotInTheAnswer) {
  Update(kReviews);
  EXPECT_NE(Body(proto::kListenerTypeUrl, "reviews:9080"), nullptr);
  EXPECT_EQ(Body(proto::kListenerTypeUrl, "reviews:9081"), nullptr);
  EXPECT_EQ(Body(proto::kListenerTypeUrl, "nobody:9080"), nullptr);
  EXPECT_EQ(Body(proto::kRouteConfigTypeUrl, "outbound|9080||nobody"), nullptr);
  EXPECT_EQ(Body(proto::kClusterTypeUrl, kRatingsCluster), nullptr);
  EXPECT_EQ(Addresses(kRatingsCluster), "absent");
  EXPECT_EQ(Body("type.googleapis.com/some.Other", "reviews:9080"), nullptr);
}

TEST_F(MeshSourceTest, WhatDidNotChangeIsTheSamePointer) {
  Update(kReviews);
  const auto cluster = Body(proto::kClusterTypeUrl, kCluster);
  const auto route = Body(proto::kRouteConfigTypeUrl, kCluster);
  ASSERT_NE(cluster, nullptr);
  EXPECT_EQ(Body(proto::kClusterTypeUrl, kCluster), cluster);
  Update(std::string(kReviews) + kRatings);
  EXPECT_EQ(Body(proto::kClusterTypeUrl, kCluster), cluster);
  EXPECT_EQ(Body(proto::kRouteConfigTypeUrl, kCluster), route);
  EXPECT_NE(Body(proto::kClusterTypeUrl, kRatingsCluster), nullptr);
}

TEST_F(MeshSourceTest, NodesOfOneNamespaceShareTheirBodies) {
  Update(kReviews);
  ads_server::Node one = Node(), other = Node();
  one.labels = {{"app", "productpage"}};
  other.labels = {{"app", "details"}};
  EXPECT_EQ(Body(proto::kRouteConfigTypeUrl, kCluster, one),
            Body(proto::kRouteConfigTypeUrl, kCluster, other));
  EXPECT_NE(Body(proto::kRouteConfigTypeUrl, kCluster, Node("shop")),
            Body(proto::kRouteConfigTypeUrl, kCluster, one))
      << "the short names differ";
}

TEST_F(MeshSourceTest, AWorkloadIsAnEndpointWhileItIsRegistered) {
  Update(kReviews);
  loop_.Advance(absl::Seconds(6));
  EXPECT_EQ(Addresses(), "");
  Changes();
  auto first = Register("127.0.1.1");
  auto second = Register("127.0.1.2");
  EXPECT_EQ(Addresses(), "127.0.1.1 127.0.1.2");
  EXPECT_GT(Changes(), 0);
  first.Reset();
  loop_.RunUntilIdle();
  EXPECT_EQ(Addresses(), "127.0.1.2");
  EXPECT_GT(Changes(), 0);
}

TEST_F(MeshSourceTest, EndpointsAreWithheldUntilWorkloadsHaveReconnected) {
  Update(std::string(kReviews) + kRatings);
  EXPECT_EQ(Addresses(), "withheld");
  const auto registration = Register("127.0.1.1");
  EXPECT_EQ(Addresses(), "withheld") << "others may follow";
  Changes();
  loop_.Advance(absl::Milliseconds(600));
  EXPECT_EQ(Addresses(), "127.0.1.1");
  EXPECT_EQ(Addresses(kRatingsCluster), "withheld");
  EXPECT_GT(Changes(), 0);
  loop_.Advance(absl::Seconds(5));
  EXPECT_EQ(Addresses(kRatingsCluster), "") << "there is nobody";
}

TEST_F(MeshSourceTest, EndpointsOfFilesAreNotWithheld) {
  Update(std::string(kReviews) + kSlice);
  EXPECT_EQ(Addresses(), "127.0.0.9");
}

TEST_F(MeshSourceTest, AnAddressOfFilesThatRegistersIsThereOnce) {
  Update(std::string(kReviews) + kSlice);
  const auto one = Register("127.0.0.9");
  const auto other = Register("127.0.1.1");
  EXPECT_EQ(Addresses(), "127.0.0.9 127.0.1.1");
}

TEST_F(MeshSourceTest, ServersGetListenersForThePortsOfTheirServices) {
  Update(kReviews);
  ads_server::Node node = Node();
  node.labels = {{"app", "reviews"}};
  const std::string prefix = "xds.istio.io/grpc/lds/inbound/";
  EXPECT_NE(Body(proto::kListenerTypeUrl, prefix + "127.0.1.1:9080", node), nullptr);
  EXPECT_EQ(Body(proto::kListenerTypeUrl, prefix + "127.0.1.1:8080", node), nullptr);
  node.labels = {{"app", "other"}};
  EXPECT_EQ(Body(proto::kListenerTypeUrl, prefix + "127.0.1.1:9080", node), nullptr);
}

TEST_F(MeshSourceTest, WildcardsListWhatThereIs) {
  Update(std::string(kReviews) + kRatings);
  const auto listeners = source_.Resources(Node(), proto::kListenerTypeUrl, {}, true);
  ASSERT_EQ(listeners.resources.size(), 2u);
  EXPECT_EQ(listeners.resources[0].name, "ratings.default.svc.cluster.local:9080");
  EXPECT_EQ(listeners.resources[1].name, "reviews.default.svc.cluster.local:9080");
  const auto clusters = source_.Resources(Node(), proto::kClusterTypeUrl, {}, true);
  EXPECT_EQ(clusters.resources.size(), 4u) << "with BlackHole and Passthrough";
}

TEST_F(MeshSourceTest, WatchersMayLeaveWhileTheyAreTold) {
  base::Subscription once;
  int calls = 0;
  once = source_.Watch([&] {
    ++calls;
    once.Reset();
  });
  Update(kReviews);
  Update(kRatings);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(Changes(), 2);
}

}  // namespace
}  // namespace meshlib::translate
