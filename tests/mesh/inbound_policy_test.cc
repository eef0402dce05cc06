// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "mesh/inbound_port.h"

namespace meshlib::mesh {
namespace {

using resource::FilterChain;
using resource::HttpSettings;
using resource::TlsContext;
using server::InboundChain;
using server::InboundPolicy;
using Action = resource::ClientCertificateDetails::Action;

constexpr const char* kNoCertificate = "no certificate yet";

TlsContext Mutual() {
  TlsContext tls;
  tls.identity.emplace().provider_instance = "default";
  tls.roots.emplace().provider_instance = "default";
  tls.require_client_certificate = true;
  return tls;
}

FilterChain Plaintext(std::string name) {
  FilterChain chain;
  chain.name = std::move(name);
  chain.http.emplace();
  return chain;
}

FilterChain WithTls(std::string name) {
  FilterChain chain = Plaintext(std::move(name));
  chain.tls = Mutual();
  return chain;
}

HttpSettings WithRules() {
  HttpSettings settings;
  settings.rbac.emplace_back().rules.emplace();
  return settings;
}

server::ConnectionFacts Facts(bool tls, std::vector<std::string> protocols) {
  return {.local = resource::Address::FromString("10.0.0.1:9080").value(),
          .remote = resource::Address::FromString("10.0.0.2:40000").value(),
          .tls = tls,
          .application_protocols = std::move(protocols)};
}

class InboundPolicyTest : public ::testing::Test {
 protected:
  InboundPolicyTest() { listener_.name = resource::ListenerName("in"); }

  InboundPolicy Policy() {
    return InboundPolicyOf(listener_, [this](const TlsContext& tls) {
      resolved_.push_back(tls);
      return []() -> absl::StatusOr<std::shared_ptr<const tls::ServerContext>> {
        return absl::FailedPreconditionError(kNoCertificate);
      };
    });
  }

  resource::Listener listener_;
  std::vector<TlsContext> resolved_;
};

TEST_F(InboundPolicyTest, AChainWithoutTlsServesPlaintext) {
  listener_.filter_chains = {Plaintext("inbound-plaintext")};
  const InboundPolicy policy = Policy();
  EXPECT_FALSE(policy.LooksAtOpening());
  const InboundChain* chain = policy.Choose(Facts(false, {"http/1.1"}));
  ASSERT_NE(chain, nullptr);
  EXPECT_EQ(chain->tls, nullptr);
  EXPECT_FALSE(chain->failure || chain->refusal);
  EXPECT_EQ(chain->settings.client_certificate.action, Action::kRemove);
  EXPECT_TRUE(resolved_.empty());
}

TEST_F(InboundPolicyTest, AChainWithTlsTakesNobodyWithout) {
  listener_.filter_chains = {WithTls("inbound-mtls")};
  const InboundPolicy policy = Policy();
  EXPECT_TRUE(policy.LooksAtOpening());
  for (const bool tls : {false, true}) {
    const InboundChain* chain = policy.Choose(Facts(tls, {"http/1.1"}));
    ASSERT_NE(chain, nullptr);
    ASSERT_NE(chain->tls, nullptr);
    EXPECT_EQ(chain->tls().status().message(), kNoCertificate);
    EXPECT_EQ(chain->tls_settings, Mutual());
  }
  EXPECT_EQ(resolved_, std::vector<TlsContext>{Mutual()});
}

TEST_F(InboundPolicyTest, SeveralChainsAreToldApartByTheirMatches) {
  FilterChain tls = WithTls("tls");
  tls.destination_port = 9080;
  tls.transport_protocol = "tls";
  tls.application_protocols = {"istio", "istio-http/1.1"};
  FilterChain plaintext = Plaintext("plaintext");
  plaintext.destination_port = 9080;
  plaintext.transport_protocol = "raw_buffer";
  FilterChain other_port = Plaintext("other port");
  other_port.destination_port = 1;
  FilterChain other_address = Plaintext("other address");
  other_address.destination_port = 9080;
  other_address.prefix_ranges = {"10.9.0.0/16"};
  listener_.filter_chains = {other_port, tls, plaintext, other_address};
  const InboundPolicy policy = Policy();
  EXPECT_TRUE(policy.LooksAtOpening());
  EXPECT_EQ(policy.Choose(Facts(true, {"istio-http/1.1"})), &policy.chains[1]);
  EXPECT_EQ(policy.Choose(Facts(false, {"http/1.1"})), &policy.chains[2]);
  EXPECT_EQ(policy.Choose(Facts(true, {"http/1.1"})), nullptr);
}

TEST_F(InboundPolicyTest, TheDefaultChainTakesTheRest) {
  FilterChain tls = WithTls("tls");
  tls.transport_protocol = "tls";
  listener_.filter_chains = {tls};
  listener_.default_filter_chain = Plaintext("default");
  const InboundPolicy policy = Policy();
  EXPECT_EQ(policy.Choose(Facts(true, {})), &policy.chains[0]);
  EXPECT_EQ(policy.Choose(Facts(false, {})), &*policy.default_chain);
}

TEST_F(InboundPolicyTest, AChainThatCannotBeUsedFailsItsOwnCallsOnly) {
  FilterChain bad = Plaintext("bad");
  bad.destination_port = 9080;
  bad.http->unusable = "security: filter odd is not supported yet";
  listener_.filter_chains = {bad, Plaintext("good")};
  const InboundPolicy policy = Policy();
  EXPECT_EQ(policy.Choose(Facts(false, {}))->failure, "security: filter odd is not supported yet");
  EXPECT_FALSE(policy.chains[1].failure.has_value());
}

TEST_F(InboundPolicyTest, RulesAreCompiledForTheirChainOnly) {
  FilterChain guarded = Plaintext("guarded");
  guarded.destination_port = 9080;
  guarded.http = WithRules();
  listener_.filter_chains = {guarded, Plaintext("open")};
  const InboundPolicy policy = Policy();
  EXPECT_NE(policy.chains[0].access, nullptr);
  EXPECT_EQ(policy.chains[1].access, nullptr);
}

TEST_F(InboundPolicyTest, AChainWithoutHttpRefusesItsConnections) {
  FilterChain tcp = WithTls("tcp");
  tcp.http.reset();
  tcp.transport_protocol = "tls";
  listener_.filter_chains = {tcp, Plaintext("http")};
  const InboundPolicy policy = Policy();
  EXPECT_TRUE(policy.Choose(Facts(true, {}))->refusal.has_value());
  EXPECT_FALSE(policy.Choose(Facts(false, {}))->refusal.has_value());
}

TEST_F(InboundPolicyTest, AListenerThatCannotBeUsedFailsEveryCall) {
  listener_.filter_chains = {Plaintext("good")};
  listener_.unusable = "security: filter_chain_matcher is not supported yet";
  EXPECT_EQ(Policy().Choose(Facts(false, {}))->failure, listener_.unusable);
}

TEST_F(InboundPolicyTest, AListenerWithoutHttpFailsEveryCall) {
  EXPECT_TRUE(Policy().Choose(Facts(false, {}))->failure.has_value());
  FilterChain tcp = Plaintext("tcp");
  tcp.http.reset();
  listener_.filter_chains = {tcp};
  EXPECT_TRUE(Policy().Choose(Facts(false, {}))->failure.has_value());
}

TEST_F(InboundPolicyTest, ARangeThatIsNoneFailsEveryCall) {
  FilterChain odd = Plaintext("odd");
  odd.prefix_ranges = {"10.0.0.0/64"};
  listener_.filter_chains = {odd, Plaintext("good")};
  EXPECT_TRUE(Policy().Choose(Facts(false, {}))->failure.has_value());
}

TEST_F(InboundPolicyTest, VerifiedClientsAreForwardedAsIstioDoes) {
  FilterChain said = WithTls("said");
  said.http->client_certificate = {.action = Action::kAppend, .uri = true};
  listener_.filter_chains = {WithTls("unsaid"), said};
  const InboundPolicy policy = Policy();
  EXPECT_EQ(policy.chains[0].settings.client_certificate,
            (resource::ClientCertificateDetails{
                .action = Action::kSet, .subject = true, .uri = true, .dns = true}));
  EXPECT_EQ(policy.chains[1].settings.client_certificate, said.http->client_certificate);
}

}  // namespace
}  // namespace meshlib::mesh
