// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_cluster.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "meshlib/envoy/config/cluster/v3/cluster.pb.h"
#include "meshlib/envoy/extensions/transport_sockets/tls/v3/tls.pb.h"
#include "proto/any.h"
#include "xds/decode_fixture.h"

namespace meshlib::xds {
namespace {

namespace tls = envoy::extensions::transport_sockets::tls::v3;
using Message = envoy::config::cluster::v3::Cluster;

absl::StatusOr<std::shared_ptr<const resource::Cluster>> Decode(const Message& message,
                                                                resource::Report& report) {
  return DecodeCluster(message.SerializeAsString(), report);
}

std::string Eds(const std::string& fields) {
  return R"(name: "c" type: EDS eds_cluster_config { eds_config { ads { } } } )" + fields;
}
std::string Dns(const std::string& endpoints) {
  return R"(name: "c" type: LOGICAL_DNS load_assignment { cluster_name: "c" )" + endpoints + " }";
}
const char kName[] =
    R"(lb_endpoints { endpoint { address { socket_address { address: "a.b" port_value: 80 } } } })";

class ClusterErrorTest : public ::testing::TestWithParam<ErrorRow> {};

TEST_P(ClusterErrorTest, IsNamedWithItsField) {
  resource::Report report;
  ExpectProblemOf(GetParam(), ProblemsOf(Decode(FromText<Message>(GetParam().text), report)));
}

INSTANTIATE_TEST_SUITE_P(
    Discovery, ClusterErrorTest,
    ::testing::ValuesIn(std::vector<ErrorRow>{
        {"Eds", Eds(""), ""},
        {"NameMissing", R"(type: STATIC)", "name: must not be empty"},
        {"TypeUnknown", R"(name: "c" type: 9)", "type: unknown value"},
        {"EdsWithoutSource", R"(name: "c" type: EDS)", "eds_config: is required"},
        {"EdsFromAFile", R"(name: "c" type: EDS eds_cluster_config { eds_config { path: "/x" } })",
         "eds_cluster_config.eds_config: only ads and self are supported"},
        {"LogicalDnsWithOneName", Dns(std::string("endpoints { ") + kName + " }"), ""},
        {"LogicalDnsWithTwoNames", Dns(std::string("endpoints { ") + kName + kName + " }"),
         "exactly one locality"},
        {"LogicalDnsWithoutName", Dns(""), "exactly one locality"},
        {"OriginalDstWithRoundRobin", R"(name: "c" type: ORIGINAL_DST)",
         "lb_policy: ORIGINAL_DST needs CLUSTER_PROVIDED"},
        {"OriginalDst", R"(name: "c" type: ORIGINAL_DST lb_policy: CLUSTER_PROVIDED)", ""},
        {"ProvidedByNobody", Eds("lb_policy: CLUSTER_PROVIDED"), "lb_policy: CLUSTER_PROVIDED"},
        {"DnsRefreshTooOften", R"(name: "c" type: STRICT_DNS dns_refresh_rate { nanos: 1000000 })",
         "dns_refresh_rate: must be more than 1 ms"},
    }),
    NameOf<ErrorRow>);

INSTANTIATE_TEST_SUITE_P(
    Settings, ClusterErrorTest,
    ::testing::ValuesIn(std::vector<ErrorRow>{
        {"NoConnectTimeout", Eds("connect_timeout { }"), "connect_timeout: the duration must be"},
        {"NegativeConnectTimeout", Eds("connect_timeout { seconds: -3 }"), "is negative"},
        {"PanicBeyond100", Eds("common_lb_config { healthy_panic_threshold { value: 101 } }"),
         "common_lb_config.healthy_panic_threshold: must be between 0 and 100"},
        {"PanicNotANumber", Eds("common_lb_config { healthy_panic_threshold { value: nan } }"),
         "must be between 0 and 100"},
        {"OneChoice", Eds("least_request_lb_config { choice_count { value: 1 } }"),
         "least_request_lb_config.choice_count: must be at least 2"},
        {"RingTooLarge", Eds("ring_hash_lb_config { maximum_ring_size { value: 8388609 } }"),
         "maximum_ring_size: must not be more than 8388608"},
        {"RingReversed",
         Eds("ring_hash_lb_config { minimum_ring_size { value: 9 } maximum_ring_size { value: 8 } "
             "}"),
         "is larger than maximum_ring_size"},
        {"TableNotPrime", Eds("maglev_lb_config { table_size { value: 65536 } }"),
         "maglev_lb_config.table_size: 65536 is not prime"},
        {"TableTooLarge", Eds("maglev_lb_config { table_size { value: 5000012 } }"),
         "must not be more than 5000011"},
        {"EjectionBeyond100", Eds("outlier_detection { max_ejection_percent { value: 101 } }"),
         "outlier_detection.max_ejection_percent: must not be more than 100"},
        {"SweepWithoutInterval", Eds("outlier_detection { interval { } }"),
         "outlier_detection.interval: the duration must be"},
        {"PolicyUnknown", Eds("lb_policy: 77"), "lb_policy: unknown value"},
        {"PolicyByConfigMissing", Eds("lb_policy: LOAD_BALANCING_POLICY_CONFIG"),
         "load_balancing_policy: is required"},
        {"BudgetBeyond100",
         Eds("circuit_breakers { thresholds { retry_budget { budget_percent { value: 150 } } } }"),
         "thresholds[0].retry_budget.budget_percent"},
    }),
    NameOf<ErrorRow>);

std::string ReportOf(const std::string& text) {
  resource::Report report;
  EXPECT_EQ(ProblemsOf(Decode(FromText<Message>(text), report)), "");
  return LinesOf(report);
}

TEST(DecodeClusterTest, SaysWhichPoliciesAreApproximated) {
  EXPECT_EQ(ReportOf(Eds("lb_policy: RING_HASH")),
            "approximated lb_policy: RING_HASH is not supported yet, endpoints are picked at "
            "random\n");
  EXPECT_EQ(ReportOf(Eds("lb_policy: MAGLEV")),
            "approximated lb_policy: MAGLEV is not supported yet, endpoints are picked at "
            "random\n");
}

TEST(DecodeClusterTest, SaysWhatIsIgnored) {
  EXPECT_EQ(ReportOf(Eds("outlier_detection { } health_checks { } lb_subset_config { }")),
            "ignored health_checks: not supported yet\n"
            "ignored lb_subset_config: not supported yet\n"
            "ignored outlier_detection: not supported yet\n");
  EXPECT_EQ(ReportOf(Eds("circuit_breakers { per_host_thresholds { } }")),
            "ignored circuit_breakers.per_host_thresholds: not supported yet\n");
}

std::shared_ptr<const resource::Cluster> Good(const Message& message) {
  resource::Report report;
  const auto cluster = Decode(message, report);
  EXPECT_TRUE(cluster.ok()) << cluster.status();
  return cluster.ok() ? *cluster : std::make_shared<const resource::Cluster>();
}

TEST(DecodeClusterTest, TheFirstDefaultThresholdCounts) {
  const auto cluster = Good(FromText<Message>(
      Eds("circuit_breakers { thresholds { priority: HIGH max_requests { value: 1 } } "
          "thresholds { max_requests { value: 7 } } thresholds { max_requests { value: 9 } } }")));
  EXPECT_EQ(cluster->circuit_breakers.max_requests, 7u);
  EXPECT_EQ(cluster->circuit_breakers.max_retries, 3u);
}

TEST(DecodeClusterTest, AClusterTypeThatIsNotKnownFailsItsCalls) {
  const auto cluster =
      Good(FromText<Message>(R"(name: "c" cluster_type { name: "envoy.clusters.aggregate" })"));
  EXPECT_EQ(cluster->unusable, "pick: cluster type envoy.clusters.aggregate is not supported yet");
}

class ClusterSecurityTest : public ::testing::Test {
 protected:
  static envoy::config::core::v3::TransportSocket Tls(const tls::UpstreamTlsContext& context) {
    envoy::config::core::v3::TransportSocket socket;
    socket.set_name("tls");
    *socket.mutable_typed_config() = proto::PackAny(context);
    return socket;
  }
  static envoy::config::core::v3::TransportSocket RawBuffer() {
    envoy::config::core::v3::TransportSocket socket;
    socket.set_name("raw");
    socket.mutable_typed_config()->set_type_url(
        "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer");
    return socket;
  }
  static Message::TransportSocketMatch& AddMatch(Message& cluster) {
    auto& match = *cluster.add_transport_socket_matches();
    match.set_name("m");
    return match;
  }
  const Message plain_ = FromText<Message>(Eds(""));
};

TEST_F(ClusterSecurityTest, TlsTowardsAllEndpointsIsTaken) {
  Message message = plain_;
  tls::UpstreamTlsContext context;
  context.set_sni("outbound_.9080_._.reviews");
  auto& validation = *context.mutable_common_tls_context()->mutable_validation_context();
  validation.mutable_trusted_ca()->set_filename("/etc/ca.pem");
  validation.add_match_subject_alt_names()->set_exact(
      "spiffe://cluster.local/ns/default/sa/reviews");
  *message.mutable_transport_socket() = Tls(context);
  const auto cluster = Good(message);
  EXPECT_FALSE(cluster->unusable.has_value());
  ASSERT_TRUE(cluster->security.always.has_value());
  EXPECT_EQ(cluster->security.always->sni, "outbound_.9080_._.reviews");
  EXPECT_EQ(cluster->security.always->peer_names.size(), 1u);
}

TEST_F(ClusterSecurityTest, TlsTowardsIstioEndpointsOnlyIsLeftToTheEndpoint) {
  Message message = plain_;
  auto& istio = AddMatch(message);
  (*istio.mutable_match()->mutable_fields())["tlsMode"].set_string_value("istio");
  *istio.mutable_transport_socket() = Tls({});
  *AddMatch(message).mutable_transport_socket() = RawBuffer();
  const auto cluster = Good(message);
  EXPECT_FALSE(cluster->unusable.has_value());
  EXPECT_TRUE(cluster->security.for_istio.has_value());
  EXPECT_FALSE(cluster->security.always.has_value());
}

// What is asked of a peer and is not done here must not be left out.
TEST_F(ClusterSecurityTest, ADemandThatIsNotMetIsUnusable) {
  using Context = tls::UpstreamTlsContext;
  using Validation = tls::CertificateValidationContext;
  struct Row {
    void (*demand)(Context& context, Validation& validation);
    const char* reason;
  };
  const Row rows[] = {
      {[](Context&, Validation& v) { v.add_verify_certificate_spki("x"); },
       "verify_certificate_spki is"},
      {[](Context&, Validation& v) { v.add_verify_certificate_hash("x"); },
       "verify_certificate_hash is"},
      {[](Context&, Validation& v) { v.mutable_crl()->set_filename("/crl"); },
       "revocation by certificate revocation list is"},
      {[](Context&, Validation& v) { v.mutable_custom_validator_config()->set_name("spiffe"); },
       "a custom certificate validator is"},
      {[](Context&, Validation& v) { v.mutable_max_verify_depth()->set_value(1); },
       "max_verify_depth is"},
      {[](Context&, Validation& v) { v.mutable_trusted_ca()->set_environment_variable("CA"); },
       "a certificate in an environment variable is"},
      {[](Context&, Validation& v) {
         auto& name = *v.add_match_typed_subject_alt_names();
         name.set_san_type(tls::SubjectAltNameMatcher::OTHER_NAME);
         name.mutable_matcher()->set_exact("x");
       },
       "a match on an otherName is"},
      {[](Context& c, Validation&) {
         c.mutable_common_tls_context()->mutable_tls_params()->set_tls_minimum_protocol_version(
             tls::TlsParameters::TLSv1_3);
       },
       "TLS 1.3 as the least version is"},
      {[](Context& c, Validation&) { c.set_auto_host_sni(true); }, "auto_host_sni is"},
  };
  for (const Row& row : rows) {
    Message message = plain_;
    Context context;
    Validation& validation = *context.mutable_common_tls_context()->mutable_validation_context();
    validation.mutable_trusted_ca()->set_filename("/etc/ca.pem");
    row.demand(context, validation);
    *message.mutable_transport_socket() = Tls(context);
    EXPECT_EQ(Good(message)->unusable,
              "security: " + std::string(row.reason) + " not supported yet");
  }
}

TEST_F(ClusterSecurityTest, NamesWithoutRootsAreRefused) {
  Message message = plain_;
  tls::UpstreamTlsContext context;
  context.mutable_common_tls_context()
      ->mutable_validation_context()
      ->add_match_subject_alt_names()
      ->set_exact("db.example");
  *message.mutable_transport_socket() = Tls(context);
  resource::Report report;
  EXPECT_NE(ProblemsOf(Decode(message, report)).find("match_subject_alt_names: needs a trusted CA"),
            std::string::npos);
}

TEST_F(ClusterSecurityTest, AMatchOnAnythingElseIsUnusable) {
  Message message = plain_;
  auto& match = AddMatch(message);
  (*match.mutable_match()->mutable_fields())["zone"].set_string_value("a");
  *match.mutable_transport_socket() = RawBuffer();
  EXPECT_TRUE(Good(message)->unusable.has_value());
}

TEST_F(ClusterSecurityTest, ATransportSocketThatIsNotKnownIsUnusable) {
  Message message = plain_;
  message.mutable_transport_socket()->set_name("alts");
  EXPECT_EQ(Good(message)->unusable, "security: transport socket alts is not supported yet");
}

TEST_F(ClusterSecurityTest, AFieldOfTlsThatIsNotKnownIsRefused) {
  Message message = plain_;
  tls::UpstreamTlsContext context;
  auto& validation = *context.mutable_common_tls_context()->mutable_validation_context();
  validation.GetReflection()->MutableUnknownFields(&validation)->AddVarint(99, 1);
  *message.mutable_transport_socket() = Tls(context);
  resource::Report report;
  const std::string problems = ProblemsOf(Decode(message, report));
  EXPECT_EQ(problems,
            "transport_socket.typed_config.common_tls_context.validation_context: field 99 is not "
            "known here, and it may decide security");
}

}  // namespace
}  // namespace meshlib::xds
