// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "load_text.h"

namespace meshlib::manifest {
namespace {

std::string Rule(const std::string& policy) {
  return IstioObject("DestinationRule", "{host: reviews, trafficPolicy: {" + policy + "}}");
}

TrafficPolicy PolicyOf(const std::string& policy) {
  const LoadResult result = LoadText(Rule(policy), "f");
  EXPECT_TRUE(result.ok()) << ToText(result.problems);
  return result.ok() ? *result.manifest.destination_rules.at(0).traffic_policy : TrafficPolicy();
}

TEST(DecodeTrafficPolicyTest, ReadsSimpleBalancing) {
  EXPECT_EQ(std::get<LoadBalancer::Simple>(
                PolicyOf("loadBalancer: {simple: ROUND_ROBIN}").load_balancer->policy),
            LoadBalancer::Simple::kRoundRobin);
  EXPECT_EQ(
      PolicyOf("loadBalancer: {localityLbSetting: {enabled: true}}").load_balancer->policy.index(),
      0u);
}

TEST(DecodeTrafficPolicyTest, ReadsConsistentHashes) {
  const auto hash = [](const std::string& text) {
    return std::get<ConsistentHash>(
        PolicyOf("loadBalancer: {consistentHash: {" + text + "}}").load_balancer->policy);
  };
  EXPECT_EQ(std::get<ConsistentHash::Header>(hash("httpHeaderName: x-user").key).name, "x-user");
  const ConsistentHash cookie =
      hash("httpCookie: {name: user, path: /, ttl: 0s}, ringHash: {minimumRingSize: 2048}");
  EXPECT_EQ(std::get<HashCookie>(cookie.key).ttl, absl::ZeroDuration());
  EXPECT_EQ(std::get<ConsistentHash::RingHash>(cookie.algorithm).minimum_ring_size, 2048u);
  EXPECT_EQ(hash("useSourceIp: true, maglev: {tableSize: 65537}").algorithm.index(), 1u);
  EXPECT_EQ(std::get<ConsistentHash::QueryParameter>(hash("httpQueryParameterName: u").key).name,
            "u");
}

TEST(DecodeTrafficPolicyTest, ReadsPoolsAndOutliers) {
  const TrafficPolicy policy = PolicyOf(R"(
      connectionPool: {tcp: {maxConnections: 100, connectTimeout: 250ms, idleTimeout: 0s,
                             tcpKeepalive: {time: 7200s, interval: 75s, probes: 3}},
                       http: {http1MaxPendingRequests: 64, http2MaxRequests: 1000, maxRetries: 5,
                              maxRequestsPerConnection: 0, h2UpgradePolicy: UPGRADE}},
      outlierDetection: {consecutive5xxErrors: 3, consecutiveGatewayErrors: 2, interval: 2s,
                         baseEjectionTime: 5s, maxEjectionPercent: 100, minHealthPercent: 0})");
  EXPECT_EQ(policy.connection_pool->tcp->max_connections, 100u);
  EXPECT_EQ(policy.connection_pool->tcp->connect_timeout, absl::Milliseconds(250));
  EXPECT_EQ(policy.connection_pool->tcp->tcp_keepalive->probes, 3u);
  EXPECT_EQ(policy.connection_pool->http->max_requests_per_connection, 0u);
  EXPECT_EQ(policy.connection_pool->http->h2_upgrade_policy, HttpPool::H2UpgradePolicy::kUpgrade);
  EXPECT_EQ(policy.outlier_detection->consecutive_5xx_errors, 3u);
  EXPECT_EQ(policy.outlier_detection->min_health_percent, 0u);
  EXPECT_EQ(policy.outlier_detection->consecutive_errors, std::nullopt);
}

TEST(DecodeTrafficPolicyTest, ReadsTlsPortsAndSubsets) {
  const LoadResult result = LoadText(IstioObject("DestinationRule", R"({host: reviews,
      trafficPolicy: {tls: {mode: MUTUAL, clientCertificate: a, privateKey: b, sni: s},
                      portLevelSettings: [{port: {number: 9080}, tls: {mode: ISTIO_MUTUAL}}],
                      retryBudget: {percent: {value: 20}, minRetryConcurrency: 3}},
      subsets: [{name: v1, labels: {version: v1}},
                {name: v2, labels: {version: v2}, trafficPolicy: {loadBalancer: {simple: RANDOM}}}],
      exportTo: ["."], workloadSelector: {matchLabels: {app: web}}})"),
                                     "f");
  ASSERT_TRUE(result.ok()) << ToText(result.problems);
  const DestinationRule& rule = result.manifest.destination_rules.at(0);
  EXPECT_EQ(rule.traffic_policy->tls->mode, ClientTls::Mode::kMutual);
  EXPECT_EQ(rule.traffic_policy->port_level_settings.at(0).port, 9080u);
  EXPECT_EQ(rule.traffic_policy->retry_budget->percent, 20);
  EXPECT_EQ(rule.subsets.at(0).labels.at("version"), "v1");
  EXPECT_TRUE(rule.subsets.at(1).traffic_policy.has_value());
  EXPECT_EQ(rule.workload_selector->at("app"), "web");
}

TEST(DecodeTrafficPolicyTest, ReadsLocalities) {
  const LocalityLbSetting setting = *PolicyOf(R"(loadBalancer: {localityLbSetting: {
      distribute: [{from: "us/a/*", to: {"us/a/*": 80, "us/b/*": 20}}]}})")
                                         .load_balancer->locality_lb_setting;
  EXPECT_EQ(setting.distribute.at(0).to.at("us/a/*"), 80u);
  EXPECT_TRUE(Contains(
      ProblemsOf(Rule("loadBalancer: {localityLbSetting: {failover: [{from: a, to: b}]}}")),
      "only with an outlierDetection"));
}

struct BadPolicy {
  const char* name;
  std::string text;
  const char* error;
};

class BadPolicyTest : public ::testing::TestWithParam<BadPolicy> {};

TEST_P(BadPolicyTest, IsAnErrorThatSaysWhy) {
  const std::string problems = ProblemsOf(GetParam().text);
  EXPECT_TRUE(Contains(problems, "error: DestinationRule default/test spec")) << problems;
  EXPECT_TRUE(Contains(problems, GetParam().error)) << problems;
}

INSTANTIATE_TEST_SUITE_P(
    Policies, BadPolicyTest,
    ::testing::ValuesIn<BadPolicy>({
        {"Empty", Rule(""), "a policy says something"},
        {"Simple", Rule("loadBalancer: {simple: ROUNDROBIN}"), "did you mean \"ROUND_ROBIN\"?"},
        {"TwoPolicies", Rule("loadBalancer: {simple: RANDOM, consistentHash: {useSourceIp: true}}"),
         "either simple or consistentHash"},
        {"TwoKeys", Rule("loadBalancer: {consistentHash: {useSourceIp: true, httpHeaderName: a}}"),
         "exactly one of httpHeaderName"},
        {"Maglev",
         Rule("loadBalancer: {consistentHash: {useSourceIp: true, maglev: {tableSize: 10}}}"),
         "10 is not a prime number below 5000011"},
        {"Distribute",
         Rule("loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {b: 90}}]}}"),
         "the weights sum up to 90, not to 100"},
        {"Ejection", Rule("outlierDetection: {maxEjectionPercent: 101}"),
         "101 is more than 100 percent"},
        {"Interval", Rule("outlierDetection: {interval: 0s}"), "shorter than 1ms"},
        {"LocalOrigin", Rule("outlierDetection: {consecutiveLocalOriginFailures: 3}"),
         "needs splitExternalLocalOriginErrors: true"},
        {"Pool", Rule("connectionPool: {}"), "one of tcp and http is missing"},
        {"MaxConnections", Rule("connectionPool: {tcp: {maxConnections: -1}}"),
         "not a whole number"},
        {"Mutual", Rule("tls: {mode: MUTUAL}"), "\"clientCertificate\" is missing"},
        {"TlsMode", Rule("tls: {mode: ISTIOMUTUAL}"), "did you mean \"ISTIO_MUTUAL\"?"},
        {"PortPolicy", Rule("portLevelSettings: [{port: {number: 1}}]"), "says something about it"},
        {"SubsetTwice",
         IstioObject("DestinationRule", "{host: a, subsets: [{name: v1}, {name: v1}]}"),
         "subset \"v1\" is there twice"},
        {"SubsetName", IstioObject("DestinationRule", "{host: a, subsets: [{name: v1.0}]}"),
         "DNS label"},
        {"NoHost", IstioObject("DestinationRule", "{subsets: []}"), "\"host\" is missing"},
    }),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace meshlib::manifest
