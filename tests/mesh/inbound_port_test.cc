// SPDX-License-Identifier: Apache-2.0
#include "mesh/inbound_port.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fake/fake_ads_transport.h"
#include "fake/fake_event_loop.h"
#include "meshlib/envoy/config/listener/v3/listener.pb.h"
#include "meshlib/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"
#include "proto/type_urls.h"

namespace meshlib::mesh {
namespace {

namespace hcm = envoy::extensions::filters::network::http_connection_manager::v3;

constexpr const char* kAddress = "127.0.1.1:9080";
constexpr const char* kName = "xds.istio.io/grpc/lds/inbound/127.0.1.1:9080";
constexpr absl::Duration kPatience = absl::Seconds(16);

std::string ListenerFor(uint32_t port) {
  hcm::HttpConnectionManager http;
  http.set_stat_prefix("inbound");
  http.mutable_route_config()->set_name("inbound");
  envoy::config::listener::v3::Listener listener;
  listener.set_name(kName);
  auto& chain = *listener.add_filter_chains();
  chain.mutable_filter_chain_match()->mutable_destination_port()->set_value(port);
  auto& filter = *chain.add_filters();
  filter.set_name("http");
  filter.mutable_typed_config()->set_type_url(
      "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3."
      "HttpConnectionManager");
  filter.mutable_typed_config()->set_value(http.SerializeAsString());
  return listener.SerializeAsString();
}

const std::string kGood = ListenerFor(9080);
const std::string kRejected = ListenerFor(70000);

class InboundPortTest : public ::testing::Test {
 protected:
  ~InboundPortTest() override { Stop(); }

  void Stop() {
    port_.reset();
    client_.reset();
    transport_.sent().clear();
    policy_.reset();
  }
  // A new port of a new client, with a stream that is up.
  void Start(Unconfigured unconfigured) {
    Stop();
    client_ = std::make_unique<xds::AdsClient>(
        loop_, transport_, xds::MakeSotwProtocol(xds::NodeIdentity{.name = "reviews"}),
        base::Random(1));
    port_ = std::make_unique<InboundPort>(
        kAddress, unconfigured, *client_, loop_, log_,
        [](const resource::TlsContext&) -> server::ServerContextSource { return {}; },
        [this](server::InboundPolicy policy) { policy_ = std::move(policy); });
    loop_.RunUntilIdle();
    transport_.Connect();
    loop_.RunUntilIdle();
  }
  // Without a Listener: it has gone.
  void Deliver(const std::optional<std::string>& listener) {
    envoy::service::discovery::v3::DiscoveryResponse response;
    response.set_type_url(std::string(proto::kListenerTypeUrl));
    response.set_version_info(std::to_string(++version_));
    response.set_nonce(std::to_string(version_));
    if (listener) {
      auto& any = *response.add_resources();
      any.set_type_url(response.type_url());
      any.set_value(*listener);
    }
    transport_.Deliver(response.SerializeAsString());
    loop_.RunUntilIdle();
  }
  // What the server was last told to do.
  std::string State() const {
    if (!policy_) return "closed";
    if (policy_->default_chain) {
      return policy_->default_chain->failure ? "failing" : "without policy";
    }
    return "by policy";
  }

  fake::FakeEventLoop loop_;
  fake::FakeAdsTransport transport_;
  std::unique_ptr<xds::AdsClient> client_;
  const Log log_{[](LogSeverity, std::string_view) {}};
  int version_ = 0;
  std::optional<server::InboundPolicy> policy_;
  std::unique_ptr<InboundPort> port_;
};

TEST_F(InboundPortTest, OpensByThePolicyThatIsSent) {
  Start(Unconfigured::kRefuse);
  EXPECT_EQ(State(), "closed");
  Deliver(kGood);
  EXPECT_EQ(State(), "by policy");
}

TEST_F(InboundPortTest, WithoutAPolicyTheOptionDecides) {
  Start(Unconfigured::kRefuse);
  loop_.Advance(kPatience);
  EXPECT_EQ(State(), "closed");
  Start(Unconfigured::kServePlaintext);
  EXPECT_EQ(State(), "closed");
  loop_.Advance(kPatience);
  EXPECT_EQ(State(), "without policy");
}

TEST_F(InboundPortTest, ARejectedPolicyKeepsItClosedWhateverTheOption) {
  for (const auto option : {Unconfigured::kRefuse, Unconfigured::kServePlaintext}) {
    Start(option);
    Deliver(kRejected);
    EXPECT_EQ(State(), "closed");
    loop_.Advance(kPatience);
    EXPECT_EQ(State(), "closed");
    Deliver(kGood);
    EXPECT_EQ(State(), "by policy");
  }
}

TEST_F(InboundPortTest, ARejectedPolicyLeavesTheLastGoodOne) {
  Start(Unconfigured::kServePlaintext);
  Deliver(kGood);
  Deliver(kRejected);
  loop_.Advance(kPatience);
  EXPECT_EQ(State(), "by policy");
  Deliver(std::nullopt);
  EXPECT_EQ(State(), "by policy");
  Deliver(kRejected);
  EXPECT_EQ(State(), "by policy");
}

TEST_F(InboundPortTest, APortWithoutPolicyFailsItsCallsWhenOneIsRejected) {
  Start(Unconfigured::kServePlaintext);
  loop_.Advance(kPatience);
  EXPECT_EQ(State(), "without policy");
  Deliver(kRejected);
  EXPECT_EQ(State(), "failing");
  Deliver(kGood);
  EXPECT_EQ(State(), "by policy");
}

TEST_F(InboundPortTest, ARejectedPolicyThatIsTakenBackIsNone) {
  Start(Unconfigured::kServePlaintext);
  Deliver(kRejected);
  Deliver(std::nullopt);
  EXPECT_EQ(State(), "without policy");
}

}  // namespace
}  // namespace meshlib::mesh
