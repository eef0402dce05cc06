// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_endpoint_set.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "xds/decode_fixture.h"

namespace meshlib::xds {
namespace {

using Message = envoy::config::endpoint::v3::ClusterLoadAssignment;

absl::StatusOr<std::shared_ptr<const resource::EndpointSet>> Decode(const std::string& text,
                                                                    resource::Report& report) {
  return DecodeEndpointSet(FromText<Message>(text).SerializeAsString(), report);
}

// A set of one locality with `fields`.
std::string One(const std::string& fields) {
  return R"(cluster_name: "c" endpoints { )" + fields + " }";
}
std::string At(const std::string& address, const std::string& more = "") {
  return "lb_endpoints { endpoint { address { " + address + " } } " + more + " } ";
}
std::string Ip(const std::string& ip, const std::string& more = "") {
  return At("socket_address { address: \"" + ip + "\" port_value: 80 }", more);
}

class EndpointSetErrorTest : public ::testing::TestWithParam<ErrorRow> {};

TEST_P(EndpointSetErrorTest, IsNamedWithItsField) {
  resource::Report report;
  ExpectProblemOf(GetParam(), ProblemsOf(Decode(GetParam().text, report)));
}

INSTANTIATE_TEST_SUITE_P(
    Addresses, EndpointSetErrorTest,
    ::testing::ValuesIn(std::vector<ErrorRow>{
        {"None", R"(cluster_name: "c")", ""},
        {"EmptyLocality", One(""), ""},
        {"NameMissing", "", "cluster_name: must not be empty"},
        {"Ipv4", One(Ip("10.0.0.1")), ""},
        {"Ipv6", One(Ip("fd00::1")), ""},
        {"Ipv4MappedIpv6", One(Ip("::ffff:10.0.0.1")), ""},
        {"ScopedIpv6", One(Ip("fe80::1%eth0")),
         "endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address: "
         "\"fe80::1%eth0\" is not an IP address"},
        {"HostName", One(Ip("reviews")), "is not an IP address"},
        {"Port70000", One(At(R"(socket_address { address: "10.0.0.1" port_value: 70000 })")),
         "70000 is no port"},
        {"NamedPort", One(At(R"(socket_address { address: "10.0.0.1" named_port: "http" })")),
         "port_value: is required"},
        {"Udp", One(At(R"(socket_address { protocol: UDP address: "10.0.0.1" port_value: 80 })")),
         "only TCP is supported"},
        {"NoAddress", One("lb_endpoints { endpoint { } }"), "must be a socket address or a pipe"},
        {"Pipe", One(At(R"(pipe { path: "/tmp/s" })")), ""},
        {"AbstractPipe", One(At(R"(pipe { path: "@s" })")), ""},
        {"LongPipe", One(At(R"(pipe { path: ")" + std::string(200, 'p') + R"(" })")),
         "pipe.path: must have 1 to 107 bytes"},
    }),
    NameOf<ErrorRow>);

INSTANTIATE_TEST_SUITE_P(
    Numbers, EndpointSetErrorTest,
    ::testing::ValuesIn(std::vector<ErrorRow>{
        {"WeightZero", One(Ip("10.0.0.1", "load_balancing_weight { value: 0 }")),
         "endpoints[0].lb_endpoints[0].load_balancing_weight: must be at least 1"},
        {"WeightsAtTheLimit",
         One(Ip("10.0.0.1", "load_balancing_weight { value: 2147483648 }") +
             Ip("10.0.0.2", "load_balancing_weight { value: 2147483647 }")),
         ""},
        {"WeightsBeyond32Bits",
         One(Ip("10.0.0.1", "load_balancing_weight { value: 2147483648 }") +
             Ip("10.0.0.2", "load_balancing_weight { value: 2147483648 }")),
         "endpoints[0].lb_endpoints: the weights exceed 4294967295"},
        {"LocalityWeightZero", One("load_balancing_weight { value: 0 }"),
         "endpoints[0].load_balancing_weight: must be at least 1"},
        {"LocalityWeightsBeyond32Bits",
         One("load_balancing_weight { value: 4294967295 }") +
             " endpoints { load_balancing_weight { value: 1 } }",
         "the localities' weights at priority 0 exceed"},
        {"PriorityGap", One("") + " endpoints { priority: 2 }", "there is no priority 1"},
        {"PriorityTooHigh", One("priority: 129"), "priority: must not be more than 128"},
        {"NoOverprovisioning",
         R"(cluster_name: "c" policy { overprovisioning_factor { value: 0 } })",
         "policy.overprovisioning_factor: must be greater than 0"},
        {"DropWithoutCategory", R"(cluster_name: "c" policy { drop_overloads { } })",
         "policy.drop_overloads[0].category: must not be empty"},
    }),
    NameOf<ErrorRow>);

TEST(DecodeEndpointSetTest, RefusesMoreEndpointsThanTheLimit) {
  Message message;
  message.set_cluster_name("c");
  auto& locality = *message.add_endpoints();
  for (size_t i = 0; i <= kMaxEndpoints; ++i) locality.add_lb_endpoints();
  resource::Report report;
  const std::string problems = ProblemsOf(DecodeEndpointSet(message.SerializeAsString(), report));
  EXPECT_EQ(problems, "endpoints: 500001 endpoints are more than 500000");
}

TEST(DecodeEndpointSetTest, OfEndpointsWithOneAddressTheFirstCounts) {
  resource::Report report;
  const auto set = Decode(
      One(Ip("10.0.0.1", "load_balancing_weight { value: 5 }") + Ip("10.0.0.1") + Ip("10.0.0.2")),
      report);
  ASSERT_TRUE(set.ok());
  EXPECT_EQ((*set)->ToString(), "c: 10.0.0.1:80*5 10.0.0.2:80");
  EXPECT_EQ(LinesOf(report),
            "ignored endpoints: 1 endpoints repeat an address of their priority\n");
}

TEST(DecodeEndpointSetTest, TheSameAddressMayBeInTwoPriorities) {
  resource::Report report;
  const auto set =
      Decode(One(Ip("10.0.0.1")) + " endpoints { priority: 1 " + Ip("10.0.0.1") + "}", report);
  ASSERT_TRUE(set.ok());
  EXPECT_EQ((*set)->endpoint_count(), 2u);
}

TEST(DecodeEndpointSetTest, InternalAddressesAreLeftOut) {
  resource::Report report;
  const auto set =
      Decode(One(At(R"(envoy_internal_address { server_listener_name: "x" })")), report);
  ASSERT_TRUE(set.ok());
  EXPECT_EQ((*set)->endpoint_count(), 0u);
  EXPECT_EQ(report.size(), 1u);
}

TEST(DecodeEndpointSetTest, KeepsHealthTlsModeAndDetails) {
  resource::Report report;
  const auto set = Decode(One(Ip("10.0.0.1", R"(health_status: TIMEOUT metadata {
      filter_metadata { key: "envoy.transport_socket_match" value {
        fields { key: "tlsMode" value { string_value: "istio" } } } }
      filter_metadata { key: "istio" value {
        fields { key: "workload" value { string_value: "w;default" } } } } })")),
                          report);
  ASSERT_TRUE(set.ok());
  const resource::Endpoint& endpoint = (*set)->localities[0].endpoints[0];
  EXPECT_EQ(endpoint.health, resource::Health::kUnhealthy);
  EXPECT_EQ(endpoint.tls_mode, resource::TlsMode::kIstio);
  ASSERT_NE(endpoint.details, nullptr);
  EXPECT_EQ(endpoint.details->workload, "w;default");
}

TEST(DecodeEndpointSetTest, PercentagesBeyondAllAreAll) {
  resource::Report report;
  const auto set = Decode(
      R"(cluster_name: "c" policy { drop_overloads { category: "x"
         drop_percentage { numerator: 4294967295 denominator: HUNDRED } } })",
      report);
  ASSERT_TRUE(set.ok());
  EXPECT_EQ((*set)->drops[0].per_million, 1'000'000u);
}

}  // namespace
}  // namespace meshlib::xds
