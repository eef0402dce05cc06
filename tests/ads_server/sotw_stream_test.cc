// SPDX-License-Identifier: Apache-2.0
#include "ads_server/sotw_stream.h"

#include <gtest/gtest.h>

#include <deque>
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

const std::string kCds(proto::kClusterTypeUrl);
const std::string kEds(proto::kEndpointSetTypeUrl);
const std::string kLds(proto::kListenerTypeUrl);
const std::string kRds(proto::kRouteConfigTypeUrl);

// The test is the client: it writes requests and reads responses.
class SotwStreamTest : public ::testing::Test, public StreamSink, public AdsServerObserver {
 protected:
  SotwStreamTest() { stream_ = server_.Accept(xds::AdsMethod::kStateOfTheWorld, *this); }
  ~SotwStreamTest() override {
    stream_.reset();
    EXPECT_TRUE(sent_.empty()) << "not looked at: " << Received();
  }

  void Send(std::string bytes) override { sent_.push_back(std::move(bytes)); }
  void Close(const absl::Status& status) override { closed_ = status; }
  void OnStreamOpened(const Node& node) override { log_.push_back("opened " + node.id); }
  void OnStreamEnded(const Node& node) override { log_.push_back("ended " + node.id); }
  void OnNack(const Node& node, std::string_view /*type_url*/, std::string_view version,
              std::string_view text) override {
    log_.push_back(
        absl::StrCat("nack ", node.id, " ", std::string(version), " ", std::string(text)));
  }

  static std::string NodeId() {
    return "sidecar~127.0.1.1~reviews-v1.default~default.svc.cluster.local";
  }
  discovery::DiscoveryRequest Request(const std::string& type_url,
                                      const std::vector<std::string>& names,
                                      const std::string& nonce = "") {
    discovery::DiscoveryRequest request;
    request.set_type_url(type_url);
    for (const std::string& name : names) request.add_resource_names(name);
    request.set_response_nonce(nonce);
    if (!node_sent_) request.mutable_node()->set_id(NodeId());
    node_sent_ = true;
    return request;
  }
  void Ask(const std::string& type_url, const std::vector<std::string>& names,
           const std::string& nonce = "") {
    stream_->OnMessage(Request(type_url, names, nonce).SerializeAsString());
    loop_.RunUntilIdle();
  }
  void Nack(const std::string& type_url, const std::vector<std::string>& names,
            const std::string& nonce, const std::string& text) {
    discovery::DiscoveryRequest request = Request(type_url, names, nonce);
    request.mutable_error_detail()->set_message(text);
    stream_->OnMessage(request.SerializeAsString());
  }
  // "Cluster 1: a=x b=y !c", the nonce before the colon. "nothing" when nothing was sent.
  std::string Received() {
    loop_.RunUntilIdle();
    if (sent_.empty()) return "nothing";
    discovery::DiscoveryResponse response;
    EXPECT_TRUE(response.ParseFromString(sent_.front()));
    sent_.pop_front();
    const std::string& url = response.type_url();
    std::string text = absl::StrCat(url.substr(url.rfind('.') + 1), " ", response.nonce(), ":");
    for (const auto& any : response.resources()) {
      EXPECT_EQ(any.type_url(), url);
      absl::StrAppend(&text, " ", any.value());
    }
    for (const auto& error : response.resource_errors()) {
      EXPECT_EQ(error.error_detail().code(), 5);
      absl::StrAppend(&text, " !", error.resource_name().name());
    }
    version_ = response.version_info();
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
  std::optional<absl::Status> closed_;
  std::string version_;
  bool node_sent_ = false;
  std::unique_ptr<ServedStream> stream_;
};

TEST_F(SotwStreamTest, AnswersWithTheNamedResources) {
  Set(kCds, "a", "1");
  Set(kCds, "b", "1");
  Ask(kCds, {"a"});
  EXPECT_EQ(Received(), "Cluster 1: a=1");
  EXPECT_EQ(source_.node().name, "reviews-v1");
  EXPECT_EQ(log_, std::vector<std::string>{"opened " + NodeId()});
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
  EXPECT_EQ(log_.back(), "nack " + NodeId() + " 1 Cluster \"a\": no");
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
  EXPECT_EQ(log_.back(), "ended " + NodeId());
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
