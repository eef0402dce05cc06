// SPDX-License-Identifier: Apache-2.0
// How an AdsClient connects, reconnects and withstands what a control plane may send.

#include "ads_client_fixture.h"

namespace meshlib::xds {
namespace {

const std::string_view kCds = proto::kClusterTypeUrl;
const std::string_view kEds = proto::kEndpointSetTypeUrl;
const std::string_view kLds = proto::kListenerTypeUrl;

// How long the client waits before it opens a stream.
class Patience {
 public:
  Patience(fake::FakeEventLoop& loop, fake::FakeAdsTransport& transport)
      : loop_(loop), transport_(transport) {}
  absl::Duration Next() {
    const absl::Time start = loop_.clock().Now();
    while (!transport_.is_open()) loop_.Advance(absl::Milliseconds(1));
    return loop_.clock().Now() - start;
  }

 private:
  fake::FakeEventLoop& loop_;
  fake::FakeAdsTransport& transport_;
};

TEST_F(AdsClientTest, G1_BackoffGrowsExponentiallyToItsMaximum) {
  const auto a = Watch(cds_, "a");
  loop_.RunUntilIdle();
  Patience patience(loop_, transport_);
  double expected = 250;
  for (int i = 0; i < 26; ++i) {
    Close();
    const double waited = absl::ToDoubleMilliseconds(patience.Next());
    EXPECT_GE(waited, expected * 0.8 - 1) << i;
    EXPECT_LE(waited, expected * 1.2 + 1) << i;
    expected = std::min(expected * 1.2, 15'000.0);
  }
  transport_.sent().clear();
}

TEST_F(AdsClientTest, G1_OnlyAResponseResetsTheBackoff) {
  const auto a = Watch(cds_, "a");
  loop_.RunUntilIdle();
  Patience patience(loop_, transport_);
  for (int i = 0; i < 10; ++i) {
    Close();
    patience.Next();
    Connect();
  }
  Close();
  EXPECT_GT(patience.Next(), absl::Seconds(1));
  Deliver(ResponseBuilder(kCds, "1", "n1"));
  Close();
  patience.Next();
  Close();
  EXPECT_LT(patience.Next(), absl::Milliseconds(301));
  transport_.sent().clear();
}

TEST_F(AdsClientTest, G2_AStreamThatEndsAfterAResponseIsNoErrorAndReplacedAtOnce) {
  const auto a = Watch(cds_, "a");
  Connect();
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x"));
  EXPECT_TRUE(client_->StreamStatus().ok());
  loop_.Advance(absl::Minutes(30));
  Close(absl::UnavailableError("max_age"));
  EXPECT_EQ(log_, (Strings{"up", "down OK"}));
  EXPECT_TRUE(transport_.is_open()) << "without a wait";
  transport_.sent().clear();
}

TEST_F(AdsClientTest, G2_StreamsWithoutBackoffKeepADistance) {
  const auto a = Watch(cds_, "a");
  loop_.RunUntilIdle();
  Patience patience(loop_, transport_);
  for (int i = 0; i < 10; ++i) {
    Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x"));
    Close();
    EXPECT_EQ(patience.Next(), absl::Milliseconds(100));
  }
  transport_.sent().clear();
}

TEST_F(AdsClientTest, G3_TheAbsenceTimerStartsWhenConnectedAndSent) {
  const auto a = Watch(eds_, "a");
  loop_.RunUntilIdle();
  loop_.Advance(absl::Minutes(1));
  EXPECT_EQ(Events(), Strings{}) << "not connected";
  Connect();
  loop_.Advance(absl::Seconds(14));
  Close();
  loop_.Advance(absl::Seconds(14));
  EXPECT_EQ(Events(), Strings{}) << "the stream had ended";
  Connect();
  loop_.Advance(absl::Seconds(15));
  EXPECT_EQ(Events(), Strings{"EndpointSet a!NOT_FOUND"});
  transport_.sent().clear();
}

TEST_F(AdsClientTest, G4_TheAbsenceTimerIsNotStartedForKnownResources) {
  const auto a = Watch(eds_, "a");
  Connect();
  Deliver(ResponseBuilder(kEds, "1", "n1").Add("a", "x"));
  Close();
  loop_.Advance(absl::Seconds(1));
  Connect();
  loop_.Advance(absl::Minutes(1));
  EXPECT_EQ(Events(), Strings{"EndpointSet a=x"});
  transport_.sent().clear();
}

TEST_F(AdsClientTest, G6_EveryResourceHasAState) {
  const auto a = Watch(eds_, "a"), b = Watch(eds_, "b"), c = Watch(eds_, "c"), d = Watch(eds_, "d");
  Connect();
  EXPECT_EQ(StateOf("a"), "requested");
  Deliver(ResponseBuilder(kEds, "1", "n1")
              .Add("a", "x")
              .Add("b", "bad")
              .AddError("c", absl::StatusCode::kNotFound, "no such cluster"));
  EXPECT_EQ(StateOf("a"), "acked");
  EXPECT_EQ(StateOf("b"), "nacked");
  EXPECT_EQ(StateOf("c"), "absent");
  loop_.Advance(absl::Seconds(15));
  EXPECT_EQ(StateOf("d"), "timeout");
  transport_.sent().clear();
}

TEST_F(AdsClientTest, G6_AServerThatSaysNotFoundIsBelievedAtOnce) {
  const auto a = Watch(lds_, "a");
  Connect();
  Deliver(ResponseBuilder(kLds, "1", "n1").AddError("a", absl::StatusCode::kNotFound, ""));
  EXPECT_EQ(Events(), Strings{"Listener a!NOT_FOUND"});
  Deliver(ResponseBuilder(kLds, "2", "n2").AddError("a", absl::StatusCode::kNotFound, ""));
  EXPECT_EQ(Events(), Strings{}) << "no news";
  Deliver(ResponseBuilder(kLds, "3", "n3").Add("a", "x"));
  EXPECT_EQ(Events(), Strings{"Listener a=x"});
  Deliver(ResponseBuilder(kLds, "4", "n4").AddError("a", absl::StatusCode::kUnavailable, "later"));
  EXPECT_EQ(Events(), Strings{}) << "a good version is in use";
  transport_.sent().clear();
}

TEST_F(AdsClientTest, InboundListenersAreAskedForFirst) {
  const auto cluster = Watch(cds_, "a");
  const auto outbound = Watch(lds_, "a:80");
  const auto inbound = Watch(lds_, "xds.istio.io/grpc/lds/inbound/127.0.0.1:80");
  EXPECT_EQ(Sent(), "Listener[xds.istio.io/grpc/lds/inbound/127.0.0.1:80 a:80]");
  EXPECT_EQ(Sent(), "Cluster[a]");
}

TEST_F(AdsClientTest, GoodResourcesOfARejectedResponseAreUsed) {
  const auto a = Watch(cds_, "a"), b = Watch(cds_, "b"), c = Watch(cds_, "c");
  EXPECT_EQ(Sent(), "Cluster[a b c]");
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "bad 1").Add("b", "y").Add("c", "bad 2"));
  EXPECT_EQ(Sent(),
            "Cluster[a b c] n=n1 e=resources[0]: Cluster \"a\": alt_stat_name: bad 1\n"
            "resources[2]: Cluster \"c\": alt_stat_name: bad 2");
  EXPECT_EQ(Events(),
            (Strings{"Cluster a!INVALID_ARGUMENT", "Cluster b=y", "Cluster c!INVALID_ARGUMENT"}));
  ASSERT_EQ(log_.size(), 1u);
  EXPECT_TRUE(log_[0].starts_with("rejected Cluster 1: resources[0]: Cluster \"a\"")) << log_[0];
}

TEST_F(AdsClientTest, TheLastGoodVersionIsKeptWhenANewerIsRejected) {
  const auto a = Watch(cds_, "a");
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x"));
  Deliver(ResponseBuilder(kCds, "2", "n2").Add("a", "bad"));
  EXPECT_EQ(Events(), Strings{"Cluster a=x"});
  const resource::Report report = client_->Report();
  ASSERT_EQ(report.size(), 2u);
  EXPECT_EQ(report[0].message, "x");
  EXPECT_EQ(report[1].disposition, resource::Disposition::kRejected);
  transport_.sent().clear();
}

TEST_F(AdsClientTest, AWrongTypeInAResponseIsRejectedAndTheRestUsed) {
  const auto a = Watch(cds_, "a"), b = Watch(cds_, "b");
  EXPECT_EQ(Sent(), "Cluster[a b]");
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x").Add("b", "y"));
  EXPECT_EQ(Sent(), "Cluster[a b] v=1 n=n1");
  Deliver(ResponseBuilder(kCds, "2", "n2").AddBytes("wrong", Body("a", "z")).Add("b", "w"));
  EXPECT_EQ(Sent(),
            "Cluster[a b] v=1 n=n2 e=resources[0]: a resource of type \"wrong\" in a response of "
            "type \"type.googleapis.com/envoy.config.cluster.v3.Cluster\"");
  EXPECT_EQ(Events(), (Strings{"Cluster a=x", "Cluster b=y", "Cluster b=w"}));
}

TEST_F(AdsClientTest, AResourceWithoutAReadableNameDeletesNothing) {
  const auto a = Watch(cds_, "a");
  EXPECT_EQ(Sent(), "Cluster[a]");
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x"));
  EXPECT_EQ(Sent(), "Cluster[a] v=1 n=n1");
  for (const std::string& garbage : {std::string("\xff\xff\xff"), std::string(),
                                     std::string("\x0a\x05"), std::string(10 << 20, '\x80')}) {
    Deliver(ResponseBuilder(kCds, "2", "n2").AddBytes(std::string(kCds), garbage));
    EXPECT_EQ(Sent(),
              "Cluster[a] v=1 n=n2 e=resources[0]: not a Cluster: no name can be read from it");
  }
  EXPECT_EQ(Events(), Strings{"Cluster a=x"});
}

TEST_F(AdsClientTest, ARejectionOfBytesThatAreNoTextCanBeRead) {
  const auto all = client_->WatchAll<Payload>(cds_, [](const std::string&, const auto&) {});
  EXPECT_EQ(Sent(), "Cluster[]");
  std::string body = Body("a", "bad");
  body[2] = '\xff';
  Deliver(ResponseBuilder(kCds, "1", "n1").AddBytes(std::string(kCds), body));
  EXPECT_EQ(Sent(), "Cluster[] n=n1 e=resources[0]: Cluster \"?\": not a message");
}

TEST_F(AdsClientTest, GarbageEndsTheStreamAndBacksOff) {
  const auto a = Watch(cds_, "a");
  Connect();
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x"));
  Deliver("\xff garbage");
  EXPECT_FALSE(transport_.is_open());
  EXPECT_EQ(client_->StreamStatus().ToString(),
            "INVALID_ARGUMENT: xds: fake://control-plane: a message of 9 bytes that is not a "
            "DiscoveryResponse");
  loop_.Advance(absl::Milliseconds(150));
  EXPECT_FALSE(transport_.is_open());
  loop_.Advance(absl::Milliseconds(200));
  EXPECT_TRUE(transport_.is_open());
  EXPECT_EQ(Events(), Strings{"Cluster a=x"});
  transport_.sent().clear();
}

TEST_F(AdsClientTest, AStreamThatClosesAtOnceNamesItsTarget) {
  const auto a = Watch(cds_, "a");
  EXPECT_EQ(Sent(), "Cluster[a]");
  EXPECT_EQ(client_->StreamStatus().message(), "xds: fake://control-plane: not connected yet");
  Close(absl::OkStatus());
  EXPECT_EQ(client_->StreamStatus().message(),
            "xds: fake://control-plane: closed without having answered");
}

TEST_F(AdsClientTest, AnswersToListenersNeverAskedForSubscribeToNothing) {
  const auto a = Watch(eds_, "a");
  EXPECT_EQ(Sent(), "ClusterLoadAssignment[a]");
  Deliver(ResponseBuilder(kLds, "1", "n1").Add("b", "x"));
  EXPECT_TRUE(NothingSent()) << "an empty list would ask for all Listeners";
  EXPECT_EQ(log_.size(), 1u);
}

TEST_F(AdsClientTest, ALateWatcherIsToldOfWhatIsKnown) {
  const auto a = Watch(cds_, "a");
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x"));
  EXPECT_EQ(Events(), Strings{"Cluster a=x"});
  const auto again = Watch(cds_, "a");
  EXPECT_EQ(Events(), Strings{}) << "not inside Watch()";
  loop_.RunUntilIdle();
  EXPECT_EQ(Events(), Strings{"Cluster a=x"});
  transport_.sent().clear();
}

TEST_F(AdsClientTest, AWatcherMayEndItselfAndStartOthers) {
  base::Subscription first, second;
  first = client_->Watch<Payload>(cds_, "a", [&](const auto& update) {
    events_.push_back(Event("first", "a", update));
    first.Reset();
    second = Watch(cds_, "b");
  });
  Deliver(ResponseBuilder(kCds, "1", "n1").Add("a", "x"));
  transport_.sent().clear();
  Deliver(ResponseBuilder(kCds, "2", "n2").Add("a", "y").Add("b", "z"));
  EXPECT_EQ(Events(), (Strings{"first a=x", "Cluster b=z"}));
  EXPECT_EQ(Sent(), "Cluster[b] v=2 n=n2");
}

TEST_F(AdsClientTest, SubscriptionsMayOutliveTheClient) {
  const auto a = Watch(cds_, "a");
  loop_.RunUntilIdle();
  transport_.sent().clear();
  const auto posted = Watch(cds_, "b");
  client_.reset();
  loop_.RunUntilIdle();
  EXPECT_FALSE(transport_.is_open());
}

TEST_F(AdsClientTest, AnUnchangedResourceOf5MegabytesCostsAComparison) {
  const auto a = Watch(eds_, "a");
  const std::string payload(5 << 20, 'x');
  const std::string response = ResponseBuilder(kEds, "1", "n1").Add("a", payload);
  Deliver(response);
  Deliver(response);
  EXPECT_EQ(decoded_, 1);
  transport_.sent().clear();
}

}  // namespace
}  // namespace meshlib::xds
