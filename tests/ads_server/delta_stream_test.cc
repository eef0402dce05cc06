// SPDX-License-Identifier: Apache-2.0
#include "ads_server/delta_stream.h"

#include <map>

#include "ads_server/stream_fixture.h"

namespace meshlib::ads_server {
namespace {

using Names = std::vector<std::string>;

// What a request says besides its type. A value.
struct Saying {
  Names subscribe = {};
  Names unsubscribe = {};
  std::string nonce = {};
  std::string problem = {};
  std::map<std::string, std::string> have = {};
};

class DeltaStreamTest : public StreamTest {
 protected:
  DeltaStreamTest() : StreamTest(xds::AdsMethod::kDelta) {}

  void Say(const std::string& type_url, const Saying& saying) {
    discovery::DeltaDiscoveryRequest request;
    request.set_type_url(type_url);
    for (const std::string& name : saying.subscribe) request.add_resource_names_subscribe(name);
    for (const std::string& name : saying.unsubscribe) request.add_resource_names_unsubscribe(name);
    for (const auto& [name, version] : saying.have) {
      (*request.mutable_initial_resource_versions())[name] = version;
    }
    request.set_response_nonce(saying.nonce);
    if (!saying.problem.empty()) request.mutable_error_detail()->set_message(saying.problem);
    StreamTest::Say(std::move(request));
  }
  void Ask(const std::string& type_url, const Names& names) { Say(type_url, {.subscribe = names}); }
  void Ack(const std::string& type_url, const std::string& nonce) {
    Say(type_url, {.nonce = nonce});
  }
  // "Cluster 1: a=x b=y !c", "!" before what is removed. "nothing" when nothing was sent.
  std::string Received() {
    const auto response = Take<discovery::DeltaDiscoveryResponse>();
    if (!response) return "nothing";
    std::string text = Heading(*response);
    for (const auto& resource : response->resources()) {
      EXPECT_EQ(resource.resource().type_url(), response->type_url());
      absl::StrAppend(&text, " ", resource.resource().value());
      versions_[resource.name()] = resource.version();
    }
    for (const std::string& name : response->removed_resources()) {
      absl::StrAppend(&text, " !", name);
    }
    return text;
  }

  std::map<std::string, std::string> versions_;  // by resource
};

TEST_F(DeltaStreamTest, OnlyWhatChangedIsSent) {
  Set(kCds, "a", "1");
  Set(kCds, "b", "1");
  Ask(kCds, {"a", "b"});
  EXPECT_EQ(Received(), "Cluster 1: a=1 b=1");
  Ack(kCds, "1");
  EXPECT_EQ(Received(), "nothing");
  Set(kCds, "b", "2");
  Publish();
  EXPECT_EQ(Received(), "Cluster 2: b=2");
}

TEST_F(DeltaStreamTest, ANewNameIsAnsweredAlone) {
  Set(kEds, "a", "1");
  Set(kEds, "b", "1");
  Ask(kEds, {"a"});
  EXPECT_EQ(Received(), "ClusterLoadAssignment 1: a=1");
  Ack(kEds, "1");
  Ask(kEds, {"b"});
  EXPECT_EQ(Received(), "ClusterLoadAssignment 2: b=1");
}

TEST_F(DeltaStreamTest, WhatDoesNotExistIsSaidToBeRemoved) {
  Ask(kCds, {"a"});
  EXPECT_EQ(Received(), "Cluster 1: !a");
  Ack(kCds, "1");
  Publish();
  EXPECT_EQ(Received(), "nothing") << "once";
  Set(kCds, "a", "1");
  Publish();
  EXPECT_EQ(Received(), "Cluster 2: a=1");
  Ack(kCds, "2");
  source_.Remove(kCds, "a");
  Publish();
  EXPECT_EQ(Received(), "Cluster 3: !a");
}

TEST_F(DeltaStreamTest, WhatTheClientDoesNotWantAnyMoreIsForgotten) {
  Set(kEds, "a", "1");
  Ask(kEds, {"a"});
  EXPECT_EQ(Received(), "ClusterLoadAssignment 1: a=1");
  Say(kEds, {.unsubscribe = {"a"}, .nonce = "1"});
  Set(kEds, "a", "2");
  Publish();
  EXPECT_EQ(Received(), "nothing");
  Ask(kEds, {"a"});
  EXPECT_EQ(Received(), "ClusterLoadAssignment 2: a=2");
}

TEST_F(DeltaStreamTest, ANameThatIsSubscribedToAgainIsSentAgain) {
  Set(kEds, "a", "1");
  Ask(kEds, {"a"});
  EXPECT_EQ(Received(), "ClusterLoadAssignment 1: a=1");
  Ack(kEds, "1");
  Ask(kEds, {"a"});
  EXPECT_EQ(Received(), "ClusterLoadAssignment 2: a=1");
}

TEST_F(DeltaStreamTest, AnEmptyFirstRequestIsAWildcardForListenersAndClusters) {
  Set(kCds, "a", "1");
  Ask(kCds, {});
  EXPECT_EQ(Received(), "Cluster 1: a=1");
  Ack(kCds, "1");
  Set(kCds, "b", "1");
  source_.Remove(kCds, "a");
  Publish();
  EXPECT_EQ(Received(), "Cluster 2: b=1 !a");
  Ask(kEds, {});
  EXPECT_EQ(Received(), "nothing");
}

TEST_F(DeltaStreamTest, AWildcardOfNothingIsAnsweredToo) {
  Ask(kLds, {"*"});
  EXPECT_EQ(Received(), "Listener 1:");
}

TEST_F(DeltaStreamTest, AWildcardEndsByUnsubscribingFromIt) {
  Set(kCds, "a", "1");
  Set(kCds, "b", "1");
  Ask(kCds, {"*", "a"});
  EXPECT_EQ(Received(), "Cluster 1: a=1 b=1");
  Say(kCds, {.unsubscribe = {"*"}, .nonce = "1"});
  Set(kCds, "a", "2");
  Set(kCds, "b", "2");
  Publish();
  EXPECT_EQ(Received(), "Cluster 2: a=2");
}

TEST_F(DeltaStreamTest, ANameLeftToTheWildcardIsTold) {
  Set(kCds, "a", "1");
  Ask(kCds, {"*", "a", "b"});
  EXPECT_EQ(Received(), "Cluster 1: a=1 !b");
  Say(kCds, {.unsubscribe = {"a", "b"}, .nonce = "1"});
  EXPECT_EQ(Received(), "Cluster 2: a=1 !b");
}

TEST_F(DeltaStreamTest, WhatTheClientHasFromBeforeIsNotSentAgain) {
  Set(kCds, "a", "1");
  Set(kCds, "b", "1");
  Ask(kCds, {"a", "b"});
  EXPECT_EQ(Received(), "Cluster 1: a=1 b=1");
  Connect();
  Set(kCds, "b", "2");
  Say(kCds, {.subscribe = {"a", "b", "c"},
             .have = {{"a", versions_["a"]}, {"b", versions_["b"]}, {"c", "1"}}});
  EXPECT_EQ(Received(), "Cluster 1: b=2 !c");
}

TEST_F(DeltaStreamTest, ChangesWaitForTheAnswerAndAreSummedUp) {
  Set(kCds, "a", "1");
  Ask(kCds, {"a"});
  EXPECT_EQ(Received(), "Cluster 1: a=1");
  Set(kCds, "a", "2");
  Publish();
  Set(kCds, "a", "3");
  Publish();
  EXPECT_EQ(Received(), "nothing");
  Ack(kCds, "another nonce");
  EXPECT_EQ(Received(), "nothing");
  Ack(kCds, "1");
  EXPECT_EQ(Received(), "Cluster 2: a=3");
}

TEST_F(DeltaStreamTest, ARejectedResourceIsNotSentAgainUntilItChanges) {
  Set(kCds, "a", "bad");
  Ask(kCds, {"a"});
  EXPECT_EQ(Received(), "Cluster 1: a=bad");
  Say(kCds, {.nonce = "1", .problem = "it is bad"});
  EXPECT_EQ(log_.back(), "nack reviews-v1 1 it is bad");
  Publish();
  EXPECT_EQ(Received(), "nothing");
  Set(kCds, "a", "good");
  Publish();
  EXPECT_EQ(Received(), "Cluster 2: a=good");
}

TEST_F(DeltaStreamTest, WithheldResourcesAreNeitherSentNorRemoved) {
  Set(kEds, "a", "1");
  Set(kEds, "b", "1");
  source_.withheld().insert("a");
  Ask(kEds, {"a", "b"});
  EXPECT_EQ(Received(), "ClusterLoadAssignment 1: b=1");
  Ack(kEds, "1");
  source_.withheld().clear();
  Publish();
  EXPECT_EQ(Received(), "ClusterLoadAssignment 2: a=1");
}

TEST_F(DeltaStreamTest, ClustersGoAfterTheRoutesThatLeftThem) {
  Set(kRds, "r", "to-a");
  Set(kCds, "a", "1");
  Ask(kCds, {"*"});
  EXPECT_EQ(Received(), "Cluster 1: a=1");
  Ack(kCds, "1");
  Ask(kRds, {"r"});
  EXPECT_EQ(Received(), "RouteConfiguration 2: r=to-a");
  Ack(kRds, "2");
  Set(kRds, "r", "to-b");
  source_.Remove(kCds, "a");
  Set(kCds, "b", "1");
  Publish();
  EXPECT_EQ(Received(), "Cluster 3: b=1");
  EXPECT_EQ(Received(), "RouteConfiguration 4: r=to-b");
  Ack(kCds, "3");
  EXPECT_EQ(Received(), "nothing");
  loop_.Advance(absl::Seconds(3));
  EXPECT_EQ(Received(), "Cluster 5: !a");
}

TEST_F(DeltaStreamTest, AnInboundListenerRegistersItsWorkloadOnceAcked) {
  const std::string inbound = "xds.istio.io/grpc/lds/inbound/127.0.1.1:9080";
  Set(kLds, inbound, "1");
  probe_.open().insert("127.0.1.1:9080");
  Ask(kLds, {inbound});
  EXPECT_NE(Received(), "nothing");
  EXPECT_TRUE(registry_.workloads().empty());
  Ack(kLds, "1");
  ASSERT_EQ(registry_.workloads().size(), 1u);
  EXPECT_EQ(registry_.workloads()[0].name, "reviews-v1");
  stream_.reset();
  EXPECT_TRUE(registry_.workloads().empty());
  EXPECT_EQ(log_, (std::vector<std::string>{"opened reviews-v1", "ended reviews-v1"}));
}

TEST_F(DeltaStreamTest, WhatIsNoRequestClosesTheStream) {
  stream_->OnMessage("\xff garbage");
  EXPECT_EQ(closed_->message(),
            "ads_server: a message of 9 bytes that is not a DeltaDiscoveryRequest");
  Ask("", {});
  EXPECT_EQ(closed_->message(), "ads_server: a request without a type_url");
  Connect();
  node_sent_ = true;
  Ask(kCds, {});
  EXPECT_EQ(closed_->message(), "ads_server: the first request carries no node");
}

}  // namespace
}  // namespace meshlib::ads_server
