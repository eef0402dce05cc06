// SPDX-License-Identifier: Apache-2.0
#include "ads_server/sotw_stream.h"

#include "ads_server/stream_fixture.h"

namespace meshlib::ads_server {
namespace {

class SotwStreamTest : public StreamTest {
 protected:
  SotwStreamTest() : StreamTest(xds::AdsMethod::kStateOfTheWorld) {}

  static discovery::DiscoveryRequest Request(const std::string& type_url,
                                             const std::vector<std::string>& names,
                                             const std::string& nonce = "") {
    discovery::DiscoveryRequest request;
    request.set_type_url(type_url);
    for (const std::string& name : names) request.add_resource_names(name);
    request.set_response_nonce(nonce);
    return request;
  }
  void Ask(const std::string& type_url, const std::vector<std::string>& names,
           const std::string& nonce = "") {
    Say(Request(type_url, names, nonce));
  }
  void Nack(const std::string& type_url, const std::vector<std::string>& names,
            const std::string& nonce, const std::string& text) {
    discovery::DiscoveryRequest request = Request(type_url, names, nonce);
    request.mutable_error_detail()->set_message(text);
    Say(std::move(request));
  }
  // "Cluster 1: a=x b=y !c", "!" before what does not exist. "nothing" when nothing was sent.
  std::string Received() {
    const auto response = Take<discovery::DiscoveryResponse>();
    if (!response) return "nothing";
    std::string text = Heading(*response);
    for (const auto& any : response->resources()) {
      EXPECT_EQ(any.type_url(), response->type_url());
      absl::StrAppend(&text, " ", any.value());
    }
    for (const auto& error : response->resource_errors()) {
      EXPECT_EQ(error.error_detail().code(), 5);
      absl::StrAppend(&text, " !", error.resource_name().name());
    }
    version_ = response->version_info();
    return text;
  }

  std::string version_;  // of the last response
};

TEST_F(SotwStreamTest, AnswersWithTheNamedResources) {
  Set(kCds, "a", "1");
  Set(kCds, "b", "1");
  Ask(kCds, {"a"});
  EXPECT_EQ(Received(), "Cluster 1: a=1");
  EXPECT_EQ(source_.node().name, "reviews-v1");
  EXPECT_EQ(log_, std::vector<std::string>{"opened reviews-v1"});
}

TEST_F(SotwStreamTest, AnAckAsksForNothing) {
  Set(kCds, "a", "1");
  Ask(kCds, {"a"});
  EXPECT_EQ(Received(), "Cluster 1: a=1");
  Ask(kCds, {"a"}, "1");
  EXPECT_EQ(Received(), "nothing");
}

TEST_F(SotwStreamTest, AddedNamesAreAnsweredWithTheFullSet) {
  Set(kEds, "a", "1");
  Set(kEds, "b", "1");
  Ask(kEds, {"a"});
  EXPECT_EQ(Received(), "ClusterLoadAssignment 1: a=1");
  Ask(kEds, {"a", "b"}, "1");
  EXPECT_EQ(Received(), "ClusterLoadAssignment 2: a=1 b=1");
  Ask(kEds, {"b"}, "2");
  EXPECT_EQ(Received(), "nothing") << "nobody waits for an answer to fewer names";
  Ask(kEds, {"a", "b"}, "2");
  EXPECT_EQ(Received(), "ClusterLoadAssignment 3: a=1 b=1") << "the client has forgotten a";
}

TEST_F(SotwStreamTest, UnknownNamesAreAnsweredDefinitively) {
  Ask(kLds, {"nobody:80"});
  EXPECT_EQ(Received(), "Listener 1: !nobody:80");
  Ask(kLds, {"nobody:80"}, "1");
  Set(kLds, "nobody:80", "1");
  Publish();
  EXPECT_EQ(Received(), "Listener 2: nobody:80=1");
}

TEST_F(SotwStreamTest, N8_AnEmptyListIsAWildcardUntilANameWasListed) {
  Set(kCds, "a", "1");
  Set(kCds, "b", "1");
  Ask(kCds, {});
  EXPECT_EQ(Received(), "Cluster 1: a=1 b=1");
  Ask(kCds, {"*", "c"}, "1");
  EXPECT_EQ(Received(), "Cluster 2: a=1 b=1 !c");
  Ask(kCds, {"a"}, "2");
  EXPECT_EQ(Received(), "Cluster 3: a=1") << "a name that was not listed before";
  Ask(kCds, {"a"}, "3");
  Set(kCds, "b", "2");
  Publish();
  EXPECT_EQ(Received(), "nothing") << "no wildcard any more";
  Ask(kCds, {}, "3");
  Set(kCds, "a", "2");
  Publish();
  EXPECT_EQ(Received(), "nothing") << "unsubscribed from all";
}

TEST_F(SotwStreamTest, N8_OtherTypesHaveNoWildcard) {
  Set(kEds, "a", "1");
  Ask(kEds, {});
  EXPECT_EQ(Received(), "nothing");
}

TEST_F(SotwStreamTest, N3_RequestsWithAnOldNonceAreIgnored) {
  Set(kCds, "a", "1");
  Ask(kCds, {"a"});
  EXPECT_EQ(Received(), "Cluster 1: a=1");
  Ask(kCds, {"a"}, "1");
  Set(kCds, "a", "2");
  Publish();
  EXPECT_EQ(Received(), "Cluster 2: a=2");
  Ask(kCds, {"a", "b"}, "1");
  EXPECT_EQ(Received(), "nothing") << "its sender has not seen 2 yet";
  Ask(kCds, {"a", "b"}, "2");
  EXPECT_EQ(Received(), "Cluster 3: a=2 !b");
}

TEST_F(SotwStreamTest, OnlyTypesThatChangedArePushed) {
  Set(kCds, "a", "1");
  Set(kEds, "a", "1");
  Ask(kCds, {"a"});
  Ask(kEds, {"a"});
  EXPECT_EQ(Received(), "Cluster 1: a=1");
  EXPECT_EQ(Received(), "ClusterLoadAssignment 2: a=1");
  Ask(kCds, {"a"}, "1");
  Ask(kEds, {"a"}, "2");
  Set(kEds, "a", "2");
  Publish();
  EXPECT_EQ(Received(), "ClusterLoadAssignment 3: a=2");
  EXPECT_EQ(version_, "2");
}

TEST_F(SotwStreamTest, ChangesOfOneTurnAreOnePush) {
  Set(kCds, "a", "1");
  Ask(kCds, {"a"});
  EXPECT_EQ(Received(), "Cluster 1: a=1");
  Ask(kCds, {"a"}, "1");
  Set(kCds, "a", "2");
  source_.Publish();
  Set(kCds, "a", "3");
  Publish();
  EXPECT_EQ(Received(), "Cluster 2: a=3");
}

TEST_F(SotwStreamTest, ChangesBeforeTheAnswerAreSummedUp) {
  Set(kCds, "a", "1");
  Ask(kCds, {"a"});
  EXPECT_EQ(Received(), "Cluster 1: a=1");
  for (int i = 2; i < 100; ++i) {
    Set(kCds, "a", std::to_string(i));
    Publish();
  }
  EXPECT_EQ(Received(), "nothing");
  Ask(kCds, {"a"}, "1");
  EXPECT_EQ(Received(), "Cluster 2: a=99");
}

TEST_F(SotwStreamTest, ANackIsLoggedAndNothingSentAgain) {
  Set(kCds, "a", "1");
  Ask(kCds, {"a"});
  EXPECT_EQ(Received(), "Cluster 1: a=1");
  Nack(kCds, {"a"}, "1", "Cluster \"a\": no");
  EXPECT_EQ(log_.back(), "nack reviews-v1 1 Cluster \"a\": no");
  Publish();
  EXPECT_EQ(Received(), "nothing");
  Set(kCds, "a", "2");
  Publish();
  EXPECT_EQ(Received(), "Cluster 2: a=2");
}

TEST_F(SotwStreamTest, N18_TypesArePushedInOrderOfDependence) {
  for (const std::string& type : {kRds, kLds, kEds, kCds}) {
    Set(type, "a", "1");
    Ask(type, {"a"});
    const std::string first = Received();
    Ask(type, {"a"}, first.substr(first.find(' ') + 1, 1));
    Set(type, "a", "2");
  }
  Publish();
  EXPECT_EQ(Received(), "Cluster 5: a=2");
  EXPECT_EQ(Received(), "ClusterLoadAssignment 6: a=2");
  EXPECT_EQ(Received(), "Listener 7: a=2");
  EXPECT_EQ(Received(), "RouteConfiguration 8: a=2");
}

TEST_F(SotwStreamTest, N18_AClusterStaysUntilTheRoutesHaveMoved) {
  Set(kCds, "blue", "1");
  Set(kRds, "r", "blue");
  Ask(kCds, {"blue"});
  Ask(kRds, {"r"});
  EXPECT_EQ(Received(), "Cluster 1: blue=1");
  EXPECT_EQ(Received(), "RouteConfiguration 2: r=blue");
  Ask(kCds, {"blue"}, "1");
  Ask(kRds, {"r"}, "2");

  source_.Remove(kCds, "blue");
  Set(kCds, "green", "1");
  Set(kRds, "r", "green");
  Publish();
  EXPECT_EQ(Received(), "RouteConfiguration 3: r=green");
  Ask(kRds, {"r"}, "3");
  Ask(kCds, {"blue", "green"}, "1");
  EXPECT_EQ(Received(), "Cluster 4: blue=1 green=1") << "blue is still in use";
  Ask(kCds, {"blue", "green"}, "4");
  loop_.Advance(absl::Seconds(2));
  EXPECT_EQ(Received(), "Cluster 5: green=1 !blue");
}

TEST_F(SotwStreamTest, N18_AClusterThatVanishesAloneIsGoneAtOnce) {
  Set(kCds, "a", "1");
  Ask(kCds, {"a"});
  EXPECT_EQ(Received(), "Cluster 1: a=1");
  Ask(kCds, {"a"}, "1");
  source_.Remove(kCds, "a");
  Publish();
  EXPECT_EQ(Received(), "Cluster 2: !a");
}

TEST_F(SotwStreamTest, WithheldEndpointsHoldBackOnlyThemselves) {
  Set(kEds, "a", "1");
  Set(kEds, "b", "1");
  source_.withheld() = {"b"};
  Ask(kEds, {"b"});
  EXPECT_EQ(Received(), "nothing");
  Ask(kEds, {"a", "b"});
  EXPECT_EQ(Received(), "ClusterLoadAssignment 1: a=1");
  Ask(kEds, {"a", "b"}, "1");
  EXPECT_EQ(Received(), "nothing");
  source_.withheld().clear();
  Publish();
  EXPECT_EQ(Received(), "ClusterLoadAssignment 2: a=1 b=1");
}

TEST_F(SotwStreamTest, AListingTypeWaitsForAllThatIsWithheld) {
  Set(kCds, "a", "1");
  source_.withheld() = {"b"};
  Ask(kCds, {"a", "b"});
  EXPECT_EQ(Received(), "nothing");
  source_.withheld().clear();
  Publish();
  EXPECT_EQ(Received(), "Cluster 1: a=1 !b");
}

TEST_F(SotwStreamTest, AWorkloadIsRegisteredFromAckToUnsubscribe) {
  const std::string inbound = "xds.istio.io/grpc/lds/inbound/127.0.1.1:9080";
  probe_.open() = {"127.0.1.1:9080"};
  Set(kLds, inbound, "1");
  Ask(kLds, {inbound});
  EXPECT_EQ(Received(), "Listener 1: " + inbound + "=1");
  EXPECT_TRUE(registry_.workloads().empty()) << "not ACKed yet";
  Ask(kLds, {inbound}, "1");
  ASSERT_EQ(registry_.workloads().size(), 1u);
  EXPECT_EQ(registry_.workloads()[0].name, "reviews-v1");
  EXPECT_EQ(registry_.workloads()[0].ports, std::vector<uint16_t>{9080});
  Ask(kLds, {}, "1");
  EXPECT_TRUE(registry_.workloads().empty()) << "drained";
}

TEST_F(SotwStreamTest, AWorkloadIsGoneWithItsStream) {
  const std::string inbound = "xds.istio.io/grpc/lds/inbound/127.0.1.1:9080";
  probe_.open() = {"127.0.1.1:9080"};
  Set(kLds, inbound, "1");
  Ask(kLds, {inbound});
  EXPECT_EQ(Received(), "Listener 1: " + inbound + "=1");
  Ask(kLds, {inbound}, "1");
  EXPECT_EQ(registry_.workloads().size(), 1u);
  stream_.reset();
  EXPECT_TRUE(registry_.workloads().empty());
  EXPECT_EQ(log_.back(), "ended reviews-v1");
}

TEST_F(SotwStreamTest, AListenerThatDoesNotExistRegistersNothing) {
  const std::string inbound = "xds.istio.io/grpc/lds/inbound/127.0.1.1:9080";
  probe_.open() = {"127.0.1.1:9080"};
  Ask(kLds, {inbound});
  EXPECT_EQ(Received(), "Listener 1: !" + inbound);
  Ask(kLds, {inbound}, "1");
  EXPECT_TRUE(registry_.workloads().empty());
}

TEST_F(SotwStreamTest, GarbageClosesTheStream) {
  stream_->OnMessage("\xff garbage");
  EXPECT_EQ(closed_->message(), "ads_server: a message of 9 bytes that is not a DiscoveryRequest");
}

TEST_F(SotwStreamTest, ARequestWithoutATypeClosesTheStream) {
  Ask("", {});
  EXPECT_EQ(closed_->message(), "ads_server: a request without a type_url");
}

TEST_F(SotwStreamTest, AFirstRequestWithoutANodeClosesTheStream) {
  node_sent_ = true;
  Ask(kCds, {});
  EXPECT_EQ(closed_->message(), "ads_server: the first request carries no node");
  Publish();
}

TEST_F(SotwStreamTest, ATypeNobodyKnowsIsAnsweredAsAbsent) {
  Ask("type.googleapis.com/other.Type", {"a"});
  EXPECT_EQ(Received(), "Type 1: !a");
}

}  // namespace
}  // namespace meshlib::ads_server
