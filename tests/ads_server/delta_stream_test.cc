// SPDX-License-Identifier: Apache-2.0
#include "ads_server/delta_stream.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "ads_server/ads_server.h"
#include "fake/fake_event_loop.h"
#include "fake/fake_port_probe.h"
#include "fake/fake_resource_source.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"
#include "proto/type_urls.h"

namespace meshlib::ads_server {
namespace {

namespace discovery = envoy::service::discovery::v3;
using Names = std::vector<std::string>;

const std::string kCds(proto::kClusterTypeUrl);
const std::string kEds(proto::kEndpointSetTypeUrl);
const std::string kLds(proto::kListenerTypeUrl);
const std::string kRds(proto::kRouteConfigTypeUrl);

// What a request says besides its type. A value.
struct Saying {
  Names subscribe = {};
  Names unsubscribe = {};
  std::string nonce = {};
  std::string problem = {};
  std::map<std::string, std::string> have = {};
};

// The test is the client: it writes requests and reads responses.
class DeltaStreamTest : public ::testing::Test, public StreamSink, public AdsServerObserver {
 protected:
  DeltaStreamTest() { Connect(); }
  ~DeltaStreamTest() override {
    stream_.reset();
    EXPECT_TRUE(sent_.empty()) << "not looked at: " << Received();
  }

  void Connect() {
    stream_.reset();
    node_sent_ = false;
    stream_ = server_.Accept(xds::AdsMethod::kDelta, *this);
  }

  void Send(std::string bytes) override { sent_.push_back(std::move(bytes)); }
  void Close(const absl::Status& status) override { closed_ = status; }
  void OnStreamOpened(const Node& node) override { log_.push_back("opened " + node.name); }
  void OnStreamEnded(const Node& node) override { log_.push_back("ended " + node.name); }
  void OnNack(const Node& node, std::string_view /*type_url*/, std::string_view /*version*/,
              std::string_view text) override {
    log_.push_back("nack " + node.name + " " + std::string(text));
  }

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
    if (!std::exchange(node_sent_, true)) {
      request.mutable_node()->set_id(
          "sidecar~127.0.1.1~reviews-v1.default~default.svc.cluster.local");
    }
    stream_->OnMessage(request.SerializeAsString());
    loop_.RunUntilIdle();
  }
  void Ask(const std::string& type_url, const Names& names) { Say(type_url, {.subscribe = names}); }
  void Ack(const std::string& type_url, const std::string& nonce) {
    Say(type_url, {.nonce = nonce});
  }
  // "Cluster 1: a=x b=y !c", the nonce before the colon, "!" before what is removed. "nothing" when
  // nothing was sent.
  std::string Received() {
    loop_.RunUntilIdle();
    if (sent_.empty()) return "nothing";
    discovery::DeltaDiscoveryResponse response;
    EXPECT_TRUE(response.ParseFromString(sent_.front()));
    sent_.pop_front();
    const std::string& url = response.type_url();
    std::string text = absl::StrCat(url.substr(url.rfind('.') + 1), " ", response.nonce(), ":");
    for (const auto& resource : response.resources()) {
      EXPECT_EQ(resource.resource().type_url(), url);
      absl::StrAppend(&text, " ", resource.resource().value());
      versions_[resource.name()] = resource.version();
    }
    for (const std::string& name : response.removed_resources()) {
      absl::StrAppend(&text, " !", name);
    }
    return text;
  }
  // In these tests a resource's body is "name=value".
  void Set(const std::string& type_url, const std::string& name, const std::string& value) {
    source_.Set(type_url, name, name + "=" + value);
  }
  void Publish() {
    source_.Publish();
    loop_.RunUntilIdle();
  }

  fake::FakeEventLoop loop_;
  fake::FakePortProbe probe_{loop_};
  registry::Registry registry_{loop_, probe_};
  fake::FakeResourceSource source_;
  AdsServer server_{loop_, source_, &registry_, this};
  std::deque<std::string> sent_;
  std::vector<std::string> log_;
  std::map<std::string, std::string> versions_;
  std::optional<absl::Status> closed_;
  bool node_sent_ = false;
  std::unique_ptr<ServedStream> stream_;
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
  EXPECT_EQ(log_.back(), "nack reviews-v1 it is bad");
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
