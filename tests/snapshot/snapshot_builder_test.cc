// SPDX-License-Identifier: Apache-2.0
#include "snapshot/snapshot_builder.h"

#include <gtest/gtest.h>

#include "snapshot/snapshot_fixture.h"

namespace meshlib::snapshot {
namespace {

using State = ListenerEntry::State;
using Lines = std::vector<std::string>;

TEST_F(SnapshotBuilderTest, StartsWithAnEmptySnapshot) {
  ASSERT_NE(Latest(), nullptr);
  EXPECT_EQ(Latest()->Find("shop"), nullptr);
  EXPECT_EQ(Publishes(), 0);
}

TEST_F(SnapshotBuilderTest, PublishesAListenerOnceItsClosureIsComplete) {
  builder_->Require("shop");
  Serve<Listener>({ClientListener("shop", "shop-routes")});
  EXPECT_EQ(Targets("shop"), "(unknown)");
  EXPECT_EQ(builder_->Waiting(), Lines{R"(Listener "shop" waits for RouteConfig "shop-routes")"});
  Serve<RouteConfiguration>({Routes("shop-routes", {"cart"})});
  EXPECT_EQ(Targets("shop"), "(unknown)");
  EXPECT_EQ(builder_->Waiting(), Lines{R"(Listener "shop" waits for Cluster "cart")"});
  Serve<Cluster>({EdsCluster("cart")});
  EXPECT_EQ(Targets("shop"), "(unknown)");
  EXPECT_EQ(builder_->Waiting(),
            Lines{R"(Listener "shop" waits for the endpoints of Cluster "cart")"});
  EXPECT_EQ(Publishes(), 0);
  Serve<ClusterLoadAssignment>({EndpointsAt("cart", {1, 2})});
  EXPECT_EQ(Targets("shop"), "cart=127.0.0.1:80,127.0.0.2:80");
  EXPECT_EQ(builder_->Waiting(), Lines{});
  EXPECT_EQ(Publishes(), 1);
}

TEST_F(SnapshotBuilderTest, OneMissingEndpointSetHoldsBackNobodyElse) {
  builder_->Require("shop");
  builder_->Require("bank");
  Serve<Listener>({ClientListener("shop", "shop-routes"), ClientListener("bank", "bank-routes")});
  Serve<RouteConfiguration>({Routes("shop-routes", {"cart"}), Routes("bank-routes", {"vault"})});
  Serve<Cluster>({EdsCluster("cart"), EdsCluster("vault")});
  Serve<ClusterLoadAssignment>({EndpointsAt("cart", {1})});
  EXPECT_EQ(Targets("shop"), "cart=127.0.0.1:80");
  EXPECT_EQ(Targets("bank"), "(unknown)");
}

TEST_F(SnapshotBuilderTest, EndpointsThatNeverComeCountAsNoneAfterTheTimer) {
  builder_->Require("shop");
  Serve<Listener>({ClientListener("shop", "shop-routes")});
  Serve<RouteConfiguration>({Routes("shop-routes", {"cart"})});
  Serve<Cluster>({EdsCluster("cart")});
  loop_.Advance(absl::Seconds(14));
  EXPECT_EQ(Targets("shop"), "(unknown)");
  loop_.Advance(absl::Seconds(2));
  EXPECT_EQ(Targets("shop"), "cart=none");
  Serve<ClusterLoadAssignment>({EndpointsAt("cart", {1})});
  EXPECT_EQ(Targets("shop"), "cart=127.0.0.1:80");
}

TEST_F(SnapshotBuilderTest, RoutesMoveOnlyWhenTheNewClusterIsThere) {
  builder_->Require("shop");
  ServeShop({"blue"});
  Publishes();
  Serve<RouteConfiguration>({Routes("shop-routes", {"green"})});
  EXPECT_EQ(Targets("shop"), "blue=127.0.0.1:80");
  Serve<Cluster>({EdsCluster("blue"), EdsCluster("green")});
  EXPECT_EQ(Targets("shop"), "blue=127.0.0.1:80");
  EXPECT_EQ(Publishes(), 0);
  Serve<ClusterLoadAssignment>({EndpointsAt("green", {9})});
  EXPECT_EQ(Targets("shop"), "green=127.0.0.9:80");
  EXPECT_EQ(Publishes(), 1);
}

TEST_F(SnapshotBuilderTest, EndpointsOfTheVersionInUseStayCurrentWhileANewOneWaits) {
  builder_->Require("shop");
  ServeShop({"blue"});
  Serve<RouteConfiguration>({Routes("shop-routes", {"green"})});
  Serve<ClusterLoadAssignment>({EndpointsAt("blue", {5})});
  EXPECT_EQ(Targets("shop"), "blue=127.0.0.5:80");
}

TEST_F(SnapshotBuilderTest, AClusterThatNoRouteNeedsAnyMoreIsLetGo) {
  builder_->Require("shop");
  ServeShop({"blue"});
  Serve<RouteConfiguration>({Routes("shop-routes", {})});
  EXPECT_EQ(Targets("shop"), "");
  EXPECT_TRUE(Latest()->clusters.empty());
  for (const xds::ResourceStatus& status : ads_->Dump()) EXPECT_NE(status.name, "blue");
}

TEST_F(SnapshotBuilderTest, ListenersThatShareARouteConfigShareItsTable) {
  builder_->Require("shop");
  builder_->Require("alias");
  ServeShop({"blue"});
  Serve<Listener>({ClientListener("shop", "shop-routes"), ClientListener("alias", "shop-routes")});
  ASSERT_EQ(Targets("alias"), "blue=127.0.0.1:80");
  EXPECT_EQ(Latest()->Find("shop")->routes, Latest()->Find("alias")->routes);
  const std::weak_ptr<const route::RouteTable> old = Latest()->Find("shop")->routes;
  ServeShop({"blue", "green"});
  published_.DropRetired();
  EXPECT_TRUE(old.expired());
}

TEST_F(SnapshotBuilderTest, WhereRequestsNameTheirClusterAllAreKnown) {
  builder_->Require("shop");
  ServeShop({"blue"});
  Serve<Cluster>({EdsCluster("blue"), EdsCluster("green")});
  EXPECT_FALSE(Latest()->clusters.contains("green"));
  RouteConfiguration config = Routes("shop-routes", {"blue"});
  auto& route = *config.mutable_virtual_hosts(0)->add_routes();
  route.mutable_match()->set_prefix("/");
  route.mutable_route()->set_cluster_header("x-cluster");
  Serve<RouteConfiguration>({config});
  Serve<Cluster>({EdsCluster("blue"), EdsCluster("green")});
  Serve<ClusterLoadAssignment>({EndpointsAt("blue", {1}), EndpointsAt("green", {2})});
  ASSERT_TRUE(Latest()->clusters.contains("green"));
  EXPECT_EQ(EndpointsOf(Latest()->clusters.at("green").get()), "127.0.0.2:80");
  Serve<Cluster>({EdsCluster("blue"), EdsCluster("red")});
  Serve<ClusterLoadAssignment>({EndpointsAt("blue", {1}), EndpointsAt("red", {3})});
  EXPECT_FALSE(Latest()->clusters.contains("green"));
  EXPECT_TRUE(Latest()->clusters.contains("red"));
  Serve<RouteConfiguration>({Routes("shop-routes", {"blue"})});
  EXPECT_FALSE(Latest()->clusters.contains("red"));
  EXPECT_EQ(Targets("shop"), "blue=127.0.0.1:80");
}

TEST_F(SnapshotBuilderTest, UnchangedResourcesPublishNothing) {
  builder_->Require("shop");
  ServeShop({"cart"});
  Publishes();
  ServeShop({"cart"});
  EXPECT_EQ(Publishes(), 0);
}

TEST_F(SnapshotBuilderTest, AnUpdateRebuildsOnlyWhatDependsOnIt) {
  builder_->Require("shop");
  builder_->Require("bank");
  Serve<Listener>({ClientListener("shop", "shop-routes"), ClientListener("bank", "bank-routes")});
  Serve<RouteConfiguration>({Routes("shop-routes", {"cart"}), Routes("bank-routes", {"vault"})});
  Serve<Cluster>({EdsCluster("cart"), EdsCluster("vault")});
  Serve<ClusterLoadAssignment>({EndpointsAt("cart", {1}), EndpointsAt("vault", {2})});
  const auto shop = Entry("shop");
  const auto bank = Entry("bank");
  Serve<ClusterLoadAssignment>({EndpointsAt("cart", {3}), EndpointsAt("vault", {2})});
  EXPECT_EQ(Entry("bank"), bank);
  EXPECT_NE(Entry("shop"), shop);
  EXPECT_EQ(Entry("shop")->routes, shop->routes);
  EXPECT_EQ(Entry("shop")->listener, shop->listener);
}

TEST_F(SnapshotBuilderTest, StatesOfEndpointsAndClustersOutliveUpdates) {
  builder_->Require("shop");
  ServeShop({"cart"});
  const auto before = Entry("shop");
  const auto first = std::get<pick::Picked>(Pick(*before->clusters[0]->picker));
  first.endpoint->active_requests = 3;
  Serve<ClusterLoadAssignment>({EndpointsAt("cart", {1, 2})});
  const auto after = Entry("shop");
  EXPECT_EQ(after->clusters[0]->state, before->clusters[0]->state);
  EXPECT_FALSE(first.endpoint->withdrawn);
  Serve<ClusterLoadAssignment>({EndpointsAt("cart", {2})});
  EXPECT_TRUE(first.endpoint->withdrawn);
}

TEST_F(SnapshotBuilderTest, AClusterWithOtherEndpointsTakesOverWhenTheyAreKnown) {
  builder_->Require("shop");
  ServeShop({"cart"});
  Serve<Cluster>({EdsCluster("cart", "other")});
  EXPECT_EQ(Targets("shop"), "cart=127.0.0.1:80");
  Serve<ClusterLoadAssignment>({EndpointsAt("other", {7})});
  EXPECT_EQ(Targets("shop"), "cart=127.0.0.7:80");
}

TEST_F(SnapshotBuilderTest, AClusterFlipsBetweenEdsAndDns) {
  builder_->Require("shop");
  ServeShop({"cart"});
  resolver_.Set("cart.example.com", {"10.0.0.1", "10.0.0.2"});
  Serve<Cluster>({DnsCluster("cart", "cart.example.com")});
  EXPECT_EQ(Targets("shop"), "cart=127.0.0.1:80");
  resolver_.Deliver();
  EXPECT_EQ(Targets("shop"), "cart=10.0.0.1:80,10.0.0.2:80");
  Serve<Cluster>({DnsCluster("cart", "cart.example.com", Cluster::LOGICAL_DNS)});
  resolver_.Deliver();
  EXPECT_EQ(Targets("shop"), "cart=10.0.0.1:80");
  Serve<Cluster>({EdsCluster("cart")});
  Serve<ClusterLoadAssignment>({EndpointsAt("cart", {4})});
  EXPECT_EQ(Targets("shop"), "cart=127.0.0.4:80");
}

TEST_F(SnapshotBuilderTest, ANewDnsClusterIsWaitedForAtThePicker) {
  builder_->Require("shop");
  Serve<Listener>({ClientListener("shop", "shop-routes")});
  Serve<RouteConfiguration>({Routes("shop-routes", {"cart"})});
  Serve<Cluster>({DnsCluster("cart", "cart.example.com")});
  EXPECT_EQ(Targets("shop"), "cart=wait");
  resolver_.Deliver();
  EXPECT_EQ(Targets("shop"), "cart=none");
}

TEST_F(SnapshotBuilderTest, AnOvertakenVersionNeverComesBack) {
  builder_->Require("shop");
  Serve<Listener>({ClientListener("shop", "shop-routes")});
  Serve<RouteConfiguration>({Routes("shop-routes", {"cart"})});
  Serve<Cluster>({EdsCluster("cart")});  // its endpoints are not there yet
  resolver_.Set("cart.example.com", {"10.0.0.1"});
  Serve<Cluster>({DnsCluster("cart", "cart.example.com")});
  resolver_.Deliver();
  Serve<ClusterLoadAssignment>({EndpointsAt("cart", {1})});
  EXPECT_EQ(Targets("shop"), "cart=10.0.0.1:80");
}

TEST_F(SnapshotBuilderTest, AListenerThatIsNotListedIsAbsent) {
  builder_->Require("shop");
  Serve<Listener>({});
  loop_.Advance(absl::Seconds(16));
  EXPECT_EQ(Targets("shop"), "(absent)");
  ServeShop({"cart"});
  EXPECT_EQ(Targets("shop"), "cart=127.0.0.1:80");
  Serve<Listener>({});
  EXPECT_EQ(Targets("shop"), "(absent)");
  EXPECT_TRUE(Latest()->clusters.empty());
}

TEST_F(SnapshotBuilderTest, ARejectedListenerWithoutAGoodVersionFails) {
  builder_->Require("shop");
  Listener bad = ClientListener("shop", "");
  Serve<Listener>({bad});
  ASSERT_EQ(Targets("shop"), "(failed)");
  EXPECT_NE(Entry("shop")->failure.message().find("route_config_name"), std::string::npos);
}

TEST_F(SnapshotBuilderTest, TheLastGoodVersionOutlivesBadOnes) {
  builder_->Require("shop");
  ServeShop({"cart"});
  Publishes();
  Serve<Listener>({ClientListener("shop", "")});
  RouteConfiguration bad = Routes("shop-routes", {"cart"});
  bad.mutable_virtual_hosts(0)->clear_domains();
  Serve<RouteConfiguration>({bad});
  EXPECT_EQ(Targets("shop"), "cart=127.0.0.1:80");
  EXPECT_EQ(Publishes(), 0);
}

TEST_F(SnapshotBuilderTest, ARouteConfigThatNeverComesFailsTheListener) {
  builder_->Require("shop");
  Serve<Listener>({ClientListener("shop", "shop-routes")});
  loop_.Advance(absl::Seconds(16));
  EXPECT_EQ(Targets("shop"), "(failed)");
}

TEST_F(SnapshotBuilderTest, AClusterThatDoesNotExistIsNull) {
  builder_->Require("shop");
  Serve<Listener>({ClientListener("shop", "shop-routes")});
  Serve<RouteConfiguration>({Routes("shop-routes", {"cart", "gone"})});
  Serve<Cluster>({EdsCluster("cart")});
  Serve<ClusterLoadAssignment>({EndpointsAt("cart", {1})});
  loop_.Advance(absl::Seconds(16));
  EXPECT_EQ(Targets("shop"), "cart=127.0.0.1:80 gone=absent");
}

TEST_F(SnapshotBuilderTest, ARejectedClusterFailsItsCallsOnly) {
  builder_->Require("shop");
  Serve<Listener>({ClientListener("shop", "shop-routes")});
  Serve<RouteConfiguration>({Routes("shop-routes", {"cart", "bad"})});
  Cluster bad = EdsCluster("bad");
  bad.mutable_connect_timeout()->set_seconds(-1);
  Serve<Cluster>({EdsCluster("cart"), bad});
  Serve<ClusterLoadAssignment>({EndpointsAt("cart", {1})});
  ASSERT_EQ(Targets("shop"), "cart=127.0.0.1:80 bad=none");
  EXPECT_NE(Entry("shop")->clusters[1]->cluster->unusable->find("connect_timeout"),
            std::string::npos);
}

TEST_F(SnapshotBuilderTest, AWithdrawnClusterServesRoutesThatStillNameItForAWhile) {
  builder_->Require("shop");
  ServeShop({"cart"});
  Serve<Cluster>({});
  EXPECT_EQ(Targets("shop"), "cart=127.0.0.1:80");
  loop_.Advance(absl::Seconds(3));
  EXPECT_EQ(Targets("shop"), "cart=absent");
  Serve<Cluster>({EdsCluster("cart")});
  Serve<ClusterLoadAssignment>({EndpointsAt("cart", {1})});
  EXPECT_EQ(Targets("shop"), "cart=127.0.0.1:80");
}

TEST_F(SnapshotBuilderTest, AGatewayGetsAllListeners) {
  Start({.all_listeners = true});
  Serve<Listener>({ServerListener("0.0.0.0_8080", "http.8080")});
  Serve<RouteConfiguration>({Routes("http.8080", {"page"})});
  Serve<Cluster>({EdsCluster("page")});
  Serve<ClusterLoadAssignment>({EndpointsAt("page", {1})});
  EXPECT_EQ(Targets("0.0.0.0_8080"), "page=127.0.0.1:80");
  Serve<Listener>({});
  EXPECT_EQ(Targets("0.0.0.0_8080"), "(absent)");
}

TEST_F(SnapshotBuilderTest, AllChangesOfOneTurnBecomeOneSnapshot) {
  builder_->Require("shop");
  builder_->Require("bank");
  Serve<Listener>({ClientListener("shop", "shop-routes"), ClientListener("bank", "bank-routes")});
  Serve<RouteConfiguration>({Routes("shop-routes", {"cart"}), Routes("bank-routes", {"vault"})});
  Serve<Cluster>({EdsCluster("cart"), EdsCluster("vault")});
  Serve<ClusterLoadAssignment>({EndpointsAt("cart", {1}), EndpointsAt("vault", {2})});
  EXPECT_EQ(Publishes(), 1);
}

TEST_F(SnapshotBuilderTest, HostsOutsideTheMeshAreResolvedOnDemand) {
  resolver_.Set("example.com", {"10.1.1.1"});
  builder_->RequireHost("example.com", 8080);
  builder_->RequireHost("nowhere.example", 80);
  EXPECT_EQ(Latest()->FindHost("example.com:8080"), nullptr);
  resolver_.Deliver();
  const auto snapshot = Latest();
  EXPECT_EQ(EndpointsOf(snapshot->FindHost("example.com:8080")), "10.1.1.1:8080");
  EXPECT_EQ(EndpointsOf(snapshot->FindHost("nowhere.example:80")), "none");
}

}  // namespace
}  // namespace meshlib::snapshot
