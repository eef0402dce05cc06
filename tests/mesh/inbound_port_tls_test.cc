// SPDX-License-Identifier: Apache-2.0
// A port of the mesh whose policy asks for TLS, before the workload's first certificate is there.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "fake/fake_ads_transport.h"
#include "fake/fake_event_loop.h"
#include "fake/fake_identity.h"
#include "fake/test_ca.h"
#include "mesh/inbound_port.h"
#include "mesh/inbound_tls.h"
#include "meshlib/envoy/config/listener/v3/listener.pb.h"
#include "meshlib/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb.h"
#include "meshlib/envoy/extensions/transport_sockets/tls/v3/tls.pb.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"
#include "proto/type_urls.h"

namespace meshlib::mesh {
namespace {

namespace hcm = envoy::extensions::filters::network::http_connection_manager::v3;
namespace tls_v3 = envoy::extensions::transport_sockets::tls::v3;

constexpr const char* kAddress = "127.0.1.1:9080";
constexpr const char* kName = "xds.istio.io/grpc/lds/inbound/127.0.1.1:9080";
constexpr const char* kTypes = "type.googleapis.com/envoy.extensions.";

std::string StrictListener() {
  hcm::HttpConnectionManager http;
  http.set_stat_prefix("inbound");
  http.mutable_route_config()->set_name("inbound");
  tls_v3::DownstreamTlsContext tls;
  tls.mutable_require_client_certificate()->set_value(true);
  auto& common = *tls.mutable_common_tls_context();
  common.add_tls_certificate_sds_secret_configs()->set_name("default");
  common.mutable_validation_context_sds_secret_config()->set_name("ROOTCA");
  envoy::config::listener::v3::Listener listener;
  listener.set_name(kName);
  auto& chain = *listener.add_filter_chains();
  auto& socket = *chain.mutable_transport_socket();
  socket.set_name("tls");
  socket.mutable_typed_config()->set_type_url(std::string(kTypes) +
                                              "transport_sockets.tls.v3.DownstreamTlsContext");
  socket.mutable_typed_config()->set_value(tls.SerializeAsString());
  auto& filter = *chain.add_filters();
  filter.set_name("http");
  filter.mutable_typed_config()->set_type_url(
      std::string(kTypes) + "filters.network.http_connection_manager.v3.HttpConnectionManager");
  filter.mutable_typed_config()->set_value(http.SerializeAsString());
  return listener.SerializeAsString();
}

class InboundPortTlsTest : public ::testing::Test {
 protected:
  ~InboundPortTlsTest() override {
    port_.reset();
    client_.reset();
    transport_.sent().clear();
  }

  void Start(Unconfigured unconfigured = Unconfigured::kRefuse) {
    client_ = std::make_unique<xds::AdsClient>(
        loop_, transport_, xds::MakeSotwProtocol(xds::NodeIdentity{.name = "reviews"}),
        base::Random(1));
    port_ = std::make_unique<InboundPort>(
        kAddress, unconfigured, *client_, loop_, log_,
        [this](const resource::TlsContext& settings) { return tls_.Resolve(settings); },
        [this](server::InboundPolicy policy) { policy_ = std::move(policy); },
        [this](std::function<void()> changed) { return tls_.Watch(std::move(changed)); });
    loop_.RunUntilIdle();
    transport_.Connect();
    loop_.RunUntilIdle();
  }
  void DeliverStrict() {
    envoy::service::discovery::v3::DiscoveryResponse response;
    response.set_type_url(std::string(proto::kListenerTypeUrl));
    response.set_version_info(std::to_string(++version_));
    response.set_nonce(std::to_string(version_));
    auto& any = *response.add_resources();
    any.set_type_url(response.type_url());
    any.set_value(StrictListener());
    transport_.Deliver(response.SerializeAsString());
    loop_.RunUntilIdle();
  }
  void Become() {
    identity_.Become(ca_.Workload("spiffe://cluster.local/ns/default/sa/reviews"),
                     std::make_shared<const tls::SpiffeBundles>(
                         tls::SpiffeBundles{{"cluster.local", ca_.roots()}}));
  }
  // Whether handshakes of the port that was opened succeed as far as it goes.
  bool HasCertificate() const { return policy_->chains.at(0).tls().ok(); }
  bool Logged(const std::string& text) const { return lines_.find(text) != std::string::npos; }

  const fake::TestCa ca_ = fake::TestCa::Root();
  fake::FakeEventLoop loop_;
  fake::FakeAdsTransport transport_;
  fake::FakeIdentity identity_;
  InboundTls tls_{{.identity = &identity_}};
  std::string lines_;
  const Log log_{[this](LogSeverity, std::string_view line) { (lines_ += line) += '\n'; }};
  std::unique_ptr<xds::AdsClient> client_;
  int version_ = 0;
  std::optional<server::InboundPolicy> policy_;
  std::unique_ptr<InboundPort> port_;
};

TEST_F(InboundPortTlsTest, OpensWhenItsCertificateIsThere) {
  Start();
  DeliverStrict();
  EXPECT_FALSE(policy_);
  identity_.Fail(absl::UnavailableError("connection refused"));
  EXPECT_FALSE(policy_);
  Become();
  ASSERT_TRUE(policy_);
  EXPECT_TRUE(HasCertificate());
}

TEST_F(InboundPortTlsTest, OpensAtOnceWithACertificateThatWasThereBefore) {
  Start();
  Become();
  DeliverStrict();
  ASSERT_TRUE(policy_);
  EXPECT_TRUE(HasCertificate());
}

TEST_F(InboundPortTlsTest, StaysClosedAndSaysWhyWhateverTheOption) {
  Start(Unconfigured::kServePlaintext);
  DeliverStrict();
  identity_.Fail(absl::UnavailableError("istiod:15012: connection refused"));
  loop_.Advance(absl::Seconds(16));
  EXPECT_FALSE(policy_);
  EXPECT_TRUE(Logged("has had no certificate for 15 s and stays closed")) << lines_;
  EXPECT_TRUE(Logged("istiod:15012: connection refused")) << lines_;
  Become();
  EXPECT_TRUE(policy_);
}

TEST_F(InboundPortTlsTest, OpensAndRefusesHandshakesWhenNoCertificateWillCome) {
  identity_.Fail(absl::UnimplementedError("unknown service"));
  Start();
  DeliverStrict();
  ASSERT_TRUE(policy_);
  EXPECT_FALSE(HasCertificate());
}

TEST_F(InboundPortTlsTest, ANewerPolicyTakesThePlaceOfTheOneThatWaits) {
  Start();
  DeliverStrict();
  DeliverStrict();
  EXPECT_FALSE(policy_);
  Become();
  EXPECT_TRUE(policy_);
}

TEST_F(InboundPortTlsTest, APortThatHasGoneIsNotOpened) {
  Start();
  DeliverStrict();
  port_.reset();
  Become();
  EXPECT_FALSE(policy_);
}

}  // namespace
}  // namespace meshlib::mesh
