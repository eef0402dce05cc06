// SPDX-License-Identifier: Apache-2.0
// The rules of the xDS transport protocol, each by its number.

#include "xds/ads_client.h"

#include "ads_client_fixture.h"

namespace meshlib::xds {
namespace {

const std::string_view kCds = proto::kClusterTypeUrl;
const std::string_view kEds = proto::kEndpointSetTypeUrl;
const std::string_view kLds = proto::kListenerTypeUrl;

TEST_F(AdsClientTest, N1_OnlyTheFirstRequestOfAStreamCarriesTheNode) {
  const auto a = Watch(cds_, "a");
  const auto b = Watch(eds_, "b");
  const discovery::DiscoveryRequest first = Request();
  EXPECT_EQ(first.node().id(), "sidecar~127.0.1.3~reviews-v1.shop~shop.svc.cluster.local");
  EXPECT_EQ(first.node().user_agent_name(), "meshlib");
  const auto& metadata = first.node().metadata().fields();
  EXPECT_EQ(metadata.at("NAMESPACE").string_value(), "shop");
  EXPECT_EQ(metadata.at("GENERATOR").string_value(), "grpc");
  EXPECT_EQ(metadata.at("INSTANCE_IPS").string_value(), "127.0.1.3");
  EXPECT_EQ(metadata.at("LABELS").struct_value().fields().at("app").string_value(), "reviews");
  EXPECT_FALSE(Request().has_node());

  Close();
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(Request().node().id(), first.node().id());
  EXPECT_FALSE(Request().has_node());
}

TEST_F(AdsClientTest, N2_EveryResponseIsAnswered) {
  const auto a = Watch(cds_, "a");
  EXPECT_EQ(Sent(), "Cluster[a]");
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x"));
  EXPECT_EQ(Sent(), "Cluster[a] v=1 n=n1");
  Deliver(ResponseBuilder(kCds, "2", "n2").Add("a", "bad"));
  EXPECT_EQ(Request().response_nonce(), "n2");
  Deliver(ResponseBuilder("type.googleapis.com/other", "3", "n3"));
  EXPECT_EQ(Request().response_nonce(), "n3");
}

TEST_F(AdsClientTest, N3_NonceIsTheLatestOnThatStreamPerType) {
  const auto a = Watch(cds_, "a");
  const auto b = Watch(eds_, "b");
  EXPECT_EQ(Sent(), "Cluster[a]");
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[b]");
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x"));
  Deliver(ResponseBuilder(kEds, "7", "n2").Add("b", "x"));
  EXPECT_EQ(Sent(), "Cluster[a] v=1 n=n1");
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[b] v=7 n=n2");

  const auto c = Watch(cds_, "c");
  EXPECT_EQ(Sent(), "Cluster[a c] v=1 n=n1");
}

TEST_F(AdsClientTest, N4_NackCarriesTheLastGoodVersion) {
  const auto a = Watch(cds_, "a");
  EXPECT_EQ(Sent(), "Cluster[a]");
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "bad"));
  EXPECT_EQ(Sent(), "Cluster[a] n=n1 e=resources[0]: Cluster \"a\": alt_stat_name: bad");
  Deliver(ResponseBuilder(kCds, "2", "n2").Add("a", "x"));
  EXPECT_EQ(Sent(), "Cluster[a] v=2 n=n2");
  Deliver(ResponseBuilder(kCds, "3", "n3").Add("a", "bad"));
  EXPECT_EQ(Sent(), "Cluster[a] v=2 n=n3 e=resources[0]: Cluster \"a\": alt_stat_name: bad");
  EXPECT_EQ(StateOf("a"), "nacked");
}

TEST_F(AdsClientTest, N5_VersionOutlivesTheStreamAndNonceDoesNot) {
  const auto a = Watch(cds_, "a");
  EXPECT_EQ(Sent(), "Cluster[a]");
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x"));
  EXPECT_EQ(Sent(), "Cluster[a] v=1 n=n1");
  Close();
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(Sent(), "Cluster[a] v=1");
}

TEST_F(AdsClientTest, N6_OnlyAnErrorDetailMakesANack) {
  const auto a = Watch(cds_, "a");
  EXPECT_FALSE(Request().has_error_detail());
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x"));
  EXPECT_FALSE(Request().has_error_detail());
  Deliver(ResponseBuilder(kCds, "2", "n2").Add("a", "bad"));
  EXPECT_EQ(Request().error_detail().code(), 3);
}

TEST_F(AdsClientTest, N7_UnrequestedResourcesAreIgnored) {
  const auto a = Watch(cds_, "a");
  EXPECT_EQ(Sent(), "Cluster[a]");
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x").Add("z", "bad"));
  EXPECT_EQ(Sent(), "Cluster[a] v=1 n=n1");
  EXPECT_EQ(decoded_, 1);
  EXPECT_EQ(Events(), Strings{"Cluster a=x"});
}

TEST_F(AdsClientTest, N8_AnEmptyListEndsANamedSubscription) {
  auto a = Watch(cds_, "a");
  EXPECT_EQ(Sent(), "Cluster[a]");
  a.Reset();
  EXPECT_EQ(Sent(), "Cluster[]");
  Close();
  loop_.Advance(absl::Seconds(1));
  EXPECT_TRUE(NothingSent()) << "on a new stream an empty list would ask for everything";
}

TEST_F(AdsClientTest, N8_WildcardIsAnEmptyListUntilANameIsListed) {
  auto all = client_->WatchAll<Payload>(cds_, [this](const std::string& name, const auto& update) {
    events_.push_back(Event("all", name, update));
  });
  EXPECT_EQ(Sent(), "Cluster[]");
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x").Add("b", "y"));
  EXPECT_EQ(Sent(), "Cluster[] v=1 n=n1");
  EXPECT_EQ(Events(), (Strings{"all a=x", "all b=y"}));

  auto named = Watch(cds_, "c");
  EXPECT_EQ(Sent(), "Cluster[* c] v=1 n=n1");
  named.Reset();
  EXPECT_EQ(Sent(), "Cluster[*] v=1 n=n1");

  Deliver(ResponseBuilder(kCds, "2", "n2").Add("b", "y"));
  EXPECT_EQ(Sent(), "Cluster[*] v=2 n=n2");
  EXPECT_EQ(Events(), Strings{"all a!NOT_FOUND"});
}

TEST_F(AdsClientTest, N9_ListedTypesAreDeletedByAbsence) {
  const auto a = Watch(cds_, "a"), b = Watch(cds_, "b");
  EXPECT_EQ(Sent(), "Cluster[a b]");
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x").Add("b", "y"));
  EXPECT_EQ(Sent(), "Cluster[a b] v=1 n=n1");
  EXPECT_EQ(Events(), (Strings{"Cluster a=x", "Cluster b=y"}));
  Deliver(ResponseBuilder(kCds, "2", "n2").Add("b", "y"));
  EXPECT_EQ(Sent(), "Cluster[a b] v=2 n=n2");
  EXPECT_EQ(Events(), Strings{"Cluster a!NOT_FOUND"});
  Deliver(ResponseBuilder(kCds, "3", "n3"));
  EXPECT_EQ(Sent(), "Cluster[a b] v=3 n=n3");
  EXPECT_EQ(Events(), Strings{"Cluster b!NOT_FOUND"});
}

TEST_F(AdsClientTest, N9_OtherTypesAreNotDeletedByAbsence) {
  const auto a = Watch(eds_, "a");
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a]");
  Deliver(ResponseBuilder(kEds, "1", "n1").Add("a", "x"));
  Deliver(ResponseBuilder(kEds, "2", "n2"));
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a] v=1 n=n1");
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a] v=2 n=n2");
  EXPECT_EQ(Events(), Strings{"EndpointSet a=x"});
}

TEST_F(AdsClientTest, N9_AResponseOlderThanTheRequestDeletesNothing) {
  const auto a = Watch(cds_, "a");
  EXPECT_EQ(Sent(), "Cluster[a]");
  const auto b = Watch(cds_, "b");
  EXPECT_EQ(Sent(), "Cluster[a b]");
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x"));
  EXPECT_EQ(Sent(), "Cluster[a b] v=1 n=n1");
  EXPECT_EQ(Events(), Strings{"Cluster a=x"});
  EXPECT_EQ(StateOf("b"), "requested");
}

TEST_F(AdsClientTest, N10_DuplicatesAreRejected) {
  const auto a = Watch(cds_, "a");
  EXPECT_EQ(Sent(), "Cluster[a]");
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x").Add("a", "y"));
  EXPECT_EQ(Sent(), "Cluster[a] n=n1 e=resources[1]: Cluster \"a\" is listed twice");
  EXPECT_EQ(Events(), Strings{"Cluster a=x"});
}

TEST_F(AdsClientTest, N11_WithoutAnAnswerFor15SecondsAResourceDoesNotExist) {
  const auto a = Watch(eds_, "a");
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a]");
  Connect();
  loop_.Advance(absl::Milliseconds(14'999));
  EXPECT_EQ(Events(), Strings{});
  loop_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(Events(), Strings{"EndpointSet a!NOT_FOUND"});
  EXPECT_EQ(StateOf("a"), "timeout");

  Deliver(ResponseBuilder(kEds, "1", "n1").Add("a", "late"));
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a] v=1 n=n1");
  EXPECT_EQ(Events(), Strings{"EndpointSet a=late"});
}

TEST_F(AdsClientTest, N12_RequestsNeedNoResponseEach) {
  const auto a = Watch(eds_, "a");
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a]");
  const auto b = Watch(eds_, "b");
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a b]");
  Deliver(ResponseBuilder(kEds, "1", "n1").Add("a", "x").Add("b", "y"));
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a b] v=1 n=n1");
  EXPECT_EQ(Events(), (Strings{"EndpointSet a=x", "EndpointSet b=y"}));
}

TEST_F(AdsClientTest, N13_ChangesOfOneTurnAreOneRequestThatListsAllNames) {
  const auto a = Watch(eds_, "a");
  auto b = Watch(eds_, "b");
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a b]");
  const auto c = Watch(eds_, "c");
  b.Reset();
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a c]");
  EXPECT_TRUE(NothingSent());
}

TEST_F(AdsClientTest, N13_EndingAndRepeatingAWatchInOneTurnKeepsTheResource) {
  auto a = Watch(eds_, "a");
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a]");
  Deliver(ResponseBuilder(kEds, "1", "n1").Add("a", "x"));
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a] v=1 n=n1");
  a.Reset();
  a = Watch(eds_, "a");
  EXPECT_TRUE(NothingSent());
  EXPECT_EQ(Events(), (Strings{"EndpointSet a=x", "EndpointSet a=x"}));
}

TEST_F(AdsClientTest, N14_UnchangedResourcesAreAckedWithoutWork) {
  const auto a = Watch(eds_, "a");
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a]");
  Deliver(ResponseBuilder(kEds, "1", "n1").Add("a", "x"));
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a] v=1 n=n1");
  Deliver(ResponseBuilder(kEds, "2", "n2").Add("a", "x"));
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a] v=2 n=n2");
  EXPECT_EQ(decoded_, 1);
  EXPECT_EQ(Events(), Strings{"EndpointSet a=x"});
}

TEST_F(AdsClientTest, N15_AResourceIsReplacedAsAWhole) {
  const auto a = Watch(eds_, "a");
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a]");
  Deliver(ResponseBuilder(kEds, "1", "n1").Add("a", "x"));
  Deliver(ResponseBuilder(kEds, "2", "n2").Add("a", ""));
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a] v=1 n=n1");
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a] v=2 n=n2");
  EXPECT_EQ(Events(), (Strings{"EndpointSet a=x", "EndpointSet a="}));
}

TEST_F(AdsClientTest, N16_ConfigurationIsKeptWhileDisconnected) {
  const auto a = Watch(cds_, "a");
  EXPECT_EQ(Sent(), "Cluster[a]");
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x"));
  EXPECT_EQ(Sent(), "Cluster[a] v=1 n=n1");
  EXPECT_EQ(Events(), Strings{"Cluster a=x"});
  Close();
  for (int i = 0; i < 10; ++i) {
    loop_.Advance(absl::Seconds(10));
    if (transport_.is_open()) Close();
  }
  EXPECT_EQ(Events(), Strings{});
  const auto again = Watch(cds_, "a");
  loop_.RunUntilIdle();
  EXPECT_EQ(Events(), Strings{"Cluster a=x"});
  transport_.sent().clear();
}

TEST_F(AdsClientTest, N16_AResourceIsGoneWhenItsTimeToLiveHasPassed) {
  const auto a = Watch(eds_, "a");
  EXPECT_EQ(Request().node().client_features(0), "xds.config.supports-resource-ttl");
  discovery::Resource wrapper;
  wrapper.set_name("a");
  wrapper.mutable_ttl()->set_seconds(10);
  wrapper.mutable_resource()->set_type_url(std::string(kEds));
  wrapper.mutable_resource()->set_value(Body("a", "x"));
  Deliver(ResponseBuilder(kEds, "1", "n1").AddWrapped(wrapper));
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a] v=1 n=n1");
  loop_.Advance(absl::Seconds(9));
  EXPECT_EQ(Events(), Strings{"EndpointSet a=x"});
  loop_.Advance(absl::Seconds(2));
  EXPECT_EQ(Events(), Strings{"EndpointSet a!NOT_FOUND"});
}

TEST_F(AdsClientTest, N16_AHeartbeatProlongsTheTimeToLiveAndOneWithoutEndsIt) {
  const auto a = Watch(eds_, "a");
  Request();
  discovery::Resource wrapper;
  wrapper.set_name("a");
  wrapper.mutable_ttl()->set_seconds(10);
  wrapper.mutable_resource()->set_type_url(std::string(kEds));
  wrapper.mutable_resource()->set_value(Body("a", "x"));
  Deliver(ResponseBuilder(kEds, "1", "n1").AddWrapped(wrapper));
  wrapper.clear_resource();
  for (const char* nonce : {"n2", "n3"}) {
    loop_.Advance(absl::Seconds(9));
    Deliver(ResponseBuilder(kEds, "1", nonce).AddWrapped(wrapper));
  }
  wrapper.clear_ttl();
  Deliver(ResponseBuilder(kEds, "1", "n4").AddWrapped(wrapper));
  loop_.Advance(absl::Hours(1));
  EXPECT_EQ(Events(), Strings{"EndpointSet a=x"});
  transport_.sent().clear();
}

TEST_F(AdsClientTest, N17_AResourceThatComesAfterItsDependentsIsTold) {
  const auto cluster = Watch(cds_, "a");
  EXPECT_EQ(Sent(), "Cluster[a]");
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x"));
  EXPECT_EQ(Sent(), "Cluster[a] v=1 n=n1");
  const auto endpoints = Watch(eds_, "a");
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a]");
  Deliver(ResponseBuilder(kEds, "1", "n2").Add("a", "y"));
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a] v=1 n=n2");
  EXPECT_EQ(Events(), (Strings{"Cluster a=x", "EndpointSet a=y"}));
}

TEST_F(AdsClientTest, N24_AliasesAreHonoured) {
  const auto alias = Watch(eds_, "alias");
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[alias]");
  discovery::Resource wrapper;
  wrapper.set_name("real");
  wrapper.add_aliases("alias");
  wrapper.mutable_resource()->set_type_url(std::string(kEds));
  wrapper.mutable_resource()->set_value(Body("real", "x"));
  Deliver(ResponseBuilder(kEds, "1", "n1").AddWrapped(wrapper));
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[alias] v=1 n=n1");
  EXPECT_EQ(Events(), Strings{"EndpointSet alias=x"});
}

TEST_F(AdsClientTest, N25_AllTypesShareOneStream) {
  const auto a = Watch(eds_, "a");
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a]");
  const auto b = Watch(cds_, "b");
  const auto c = Watch(lds_, "c");
  EXPECT_EQ(Sent(), "Listener[c]");
  EXPECT_EQ(Sent(), "Cluster[b]");
  EXPECT_EQ(transport_.opened(), 1);
}

TEST_F(AdsClientTest, N26_EachTypeIsFetchedByName) {
  const auto listener = Watch(lds_, "reviews:9080");
  EXPECT_EQ(Sent(), "Listener[reviews:9080]");
  Deliver(ResponseBuilder(kLds, "1", "n1").Add("reviews:9080", "x"));
  EXPECT_EQ(Sent(), "Listener[reviews:9080] v=1 n=n1");
  const auto cluster = Watch(cds_, "outbound|9080||reviews");
  EXPECT_EQ(Sent(), "Cluster[outbound|9080||reviews]");
}

TEST_F(AdsClientTest, N27_TheDecoderMayRejectWhatTheServerThinksGood) {
  const auto a = Watch(cds_, "a");
  EXPECT_EQ(Sent(), "Cluster[a]");
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "bad taste"));
  EXPECT_EQ(Sent(), "Cluster[a] n=n1 e=resources[0]: Cluster \"a\": alt_stat_name: bad taste");
  EXPECT_EQ(Events(), Strings{"Cluster a!INVALID_ARGUMENT"});
}

}  // namespace
}  // namespace meshlib::xds
