// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_route_config.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "xds/decode_fixture.h"

namespace meshlib::xds {
namespace {

using envoy::config::route::v3::RouteConfiguration;

absl::StatusOr<std::shared_ptr<const resource::RouteConfig>> Decode(const std::string& text,
                                                                    resource::Report& report) {
  const auto message = FromText<RouteConfiguration>(text);
  return DecodeRouteConfig(message.SerializeAsString(), report);
}

// A configuration of one host with one route that is `route`.
std::string OneRoute(const std::string& route) {
  return R"(name: "r" virtual_hosts { name: "h" domains: "*" routes { )" + route + " } }";
}
std::string OneMatch(const std::string& match) {
  return OneRoute("match { " + match + R"( } route { cluster: "c" })");
}
std::string OneAction(const std::string& action) {
  return OneRoute(R"(match { prefix: "/" } )" + action);
}
std::string OneForward(const std::string& fields) {
  return OneAction(R"(route { cluster: "c" )" + fields + " }");
}

resource::Route FirstRoute(const std::string& text) {
  resource::Report report;
  const auto config = Decode(text, report);
  EXPECT_TRUE(config.ok()) << config.status();
  if (!config.ok() || (*config)->virtual_hosts[0].routes.empty()) return {};
  return (*config)->virtual_hosts[0].routes[0];
}

class RouteProblemTest : public ::testing::TestWithParam<ErrorRow> {};

TEST_P(RouteProblemTest, IsNamedWithItsField) {
  resource::Report report;
  ExpectProblemOf(GetParam(), ProblemsOf(Decode(GetParam().text, report)));
}

INSTANTIATE_TEST_SUITE_P(
    Hosts, RouteProblemTest,
    ::testing::ValuesIn(std::vector<ErrorRow>{
        {"EmptyIsFine", R"(name: "r")", ""},
        {"HostWithoutName", R"(virtual_hosts { domains: "*" })",
         "virtual_hosts[0].name: must not be empty"},
        {"HostWithoutDomain", R"(virtual_hosts { name: "h" })",
         "virtual_hosts[0].domains: must not be empty"},
        {"DuplicateDomain", R"(virtual_hosts { name: "h" domains: "a" domains: "A" })",
         "virtual_hosts[0].domains[1]: duplicate domain"},
        {"HeaderNameWithLineBreak",
         R"(request_headers_to_add { header { key: "a\nb" value: "v" } })",
         "request_headers_to_add[0].header.key: contains NUL, CR or LF"},
        {"HeaderWithoutHeader", R"(response_headers_to_add { })",
         "response_headers_to_add[0].header: is required"},
        {"AppendTwice",
         R"(request_headers_to_add { header { key: "a" } append { value: true }
            append_action: ADD_IF_ABSENT })",
         "append_action: excludes append"},
        {"PathMustStay", R"(request_headers_to_remove: ":path")", "request_headers_to_remove"},
    }),
    NameOf<ErrorRow>);

const std::string kWeightSum = OneAction(
    R"(route { weighted_clusters { clusters { name: "a" weight { value: 4294967295 } }
                                   clusters { name: "b" weight { value: 4294967295 } } } })");
const std::string kWeightZero =
    OneAction(R"(route { weighted_clusters { clusters { name: "a" weight { value: 0 } } } })");
const std::string kWeightMissing =
    OneAction(R"(route { weighted_clusters { clusters { name: "a" } } })");
const std::string kNoAction = OneRoute(R"(match { prefix: "/" })");
const std::string kNoMatch = OneRoute(R"(route { cluster: "c" })");
const std::string kNoPath = OneMatch("");
const std::string kBadRegex = OneMatch(R"(safe_regex { regex: "a(" })");
const std::string kEmptyRegex = OneMatch(R"(safe_regex { })");
const std::string kHugeRegex = OneMatch(R"(safe_regex { regex: "((a{100}){100}){20}" })");
const std::string kOwnLimit =
    OneMatch(R"(safe_regex { regex: "abcdefgh" google_re2 { max_program_size { value: 3 } } })");
const std::string kSeparated = OneMatch(R"(path_separated_prefix: "/a/")");
const std::string kSuffix =
    OneMatch(R"(prefix: "/" headers { name: "x" string_match { suffix: "" } })");
const std::string kCustom = OneMatch(R"(prefix: "/" headers { name: "x" string_match { } })");
const std::string kNamelessHeader = OneMatch(R"(prefix: "/" headers { present_match: true })");
const std::string kFraction = OneMatch(R"(prefix: "/" runtime_fraction { })");
const std::string kNegative = OneForward("timeout { seconds: -1 }");
const std::string kNanos = OneForward("timeout { nanos: 1000000000 }");
const std::string kBackOff = OneForward(
    R"(retry_policy { retry_back_off { base_interval { seconds: 2 } max_interval { seconds: 1 } } })");
const std::string kBackOffBase = OneForward("retry_policy { retry_back_off { } }");
const std::string kRewrites = OneForward(
    R"(prefix_rewrite: "/b" regex_rewrite { pattern { regex: "a" } substitution: "b" })");
const std::string kStatus = OneAction("direct_response { status: 199 }");
const std::string kHash = OneForward("hash_policy { }");
const std::string kBody = OneAction(R"(direct_response { status: 200 body { inline_string: ")" +
                                    std::string(4097, 'x') + R"(" } })");
const std::string kBodyAllowed = kBody + " max_direct_response_body_size_bytes { value: 5000 }";
const std::string kFault = OneRoute(
    R"(match { prefix: "/" } route { cluster: "c" } typed_per_filter_config {
       key: "envoy.filters.http.fault"
       value { type_url: "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault"
               value: "\x12\x03\x10\xd8\x04" } })");

INSTANTIATE_TEST_SUITE_P(
    Routes, RouteProblemTest,
    ::testing::ValuesIn(std::vector<ErrorRow>{
        {"WeightsBeyond32Bits", kWeightSum.c_str(), "weighted_clusters"},
        {"WeightsSumToZero", kWeightZero.c_str(), "weighted_clusters"},
        {"WeightMissing", kWeightMissing.c_str(), "clusters[0].weight: is required"},
        {"ActionMissing", kNoAction.c_str(), "virtual_hosts[0].routes[0].action: is required"},
        {"MatchMissing", kNoMatch.c_str(), "routes[0].match: is required"},
        {"PathMissing", kNoPath.c_str(), "routes[0].match.path_specifier: is required"},
        {"RegexMalformed", kBadRegex.c_str(), "match.safe_regex.regex: missing )"},
        {"RegexEmpty", kEmptyRegex.c_str(), "match.safe_regex.regex: must not be empty"},
        {"RegexTooLarge", kHugeRegex.c_str(), "match.safe_regex.regex: "},
        {"RegexBeyondItsOwnLimit", kOwnLimit.c_str(), "is larger than 3"},
        {"SeparatedPrefixWithSlash", kSeparated.c_str(), "match.path_separated_prefix"},
        {"EmptySuffix", kSuffix.c_str(), "headers[0].string_match.suffix: must not be empty"},
        {"StringMatcherOfNoKind", kCustom.c_str(), "string_match.match_pattern: is required"},
        {"HeaderWithoutName", kNamelessHeader.c_str(), "headers[0].name: must not be empty"},
        {"FractionWithoutDefault", kFraction.c_str(), "runtime_fraction.default_value"},
        {"NegativeTimeout", kNegative.c_str(), "route.timeout: the duration is negative"},
        {"NanosOutOfRange", kNanos.c_str(), "route.timeout: the duration is out of range"},
        {"BackOffReversed", kBackOff.c_str(), "max_interval: must not be less"},
        {"BackOffWithoutBase", kBackOffBase.c_str(), "base_interval: is required"},
        {"TwoRewrites", kRewrites.c_str(), "prefix_rewrite"},
        {"StatusTooSmall", kStatus.c_str(), "status: must be between 200 and 599"},
        {"HashPolicyOfNoKind", kHash.c_str(), "hash_policy[0].policy_specifier: is required"},
        {"BodyTooLarge", kBody.c_str(), "has more than 4096 bytes"},
        {"BodyAsLargeAsAllowed", kBodyAllowed.c_str(), ""},
        {"FaultStatusOutOfRange", kFault.c_str(), "abort.http_status: must be between"},
    }),
    NameOf<ErrorRow>);

TEST(DecodeRouteConfigTest, TellsAllProblemsAtOnce) {
  resource::Report report;
  const std::string problems = ProblemsOf(Decode(
      R"(name: "r" virtual_hosts { name: "" } virtual_hosts { name: "b" domains: "x"
         routes { } })",
      report));
  EXPECT_EQ(
      problems,
      "virtual_hosts[0].name: must not be empty; virtual_hosts[0].domains: must not be empty; "
      "virtual_hosts[1].routes[0].match: is required; "
      "virtual_hosts[1].routes[0].action: is required");
}

TEST(DecodeRouteConfigTest, CountsProblemsBeyondTheFirstTwenty) {
  std::string text = R"(name: "r" )";
  for (int i = 0; i < 30; ++i) text += R"(virtual_hosts { name: "h" } )";
  resource::Report report;
  const std::string problems = ProblemsOf(Decode(text, report));
  EXPECT_NE(problems.find("and 10 more problems"), std::string::npos) << problems;
}

TEST(DecodeRouteConfigTest, RefusesBytesThatAreNoMessage) {
  resource::Report report;
  EXPECT_FALSE(DecodeRouteConfig("\x0a\xff\xff", report).ok());
}

class RouteReportTest : public ::testing::TestWithParam<ReportRow> {};

TEST_P(RouteReportTest, SaysWhatBecomesOfTheField) {
  resource::Report report;
  const auto config = Decode(GetParam().text, report);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(LinesOf(report), GetParam().line);
}

const std::string kMirror = OneForward(R"(request_mirror_policies { cluster: "m" })");
const std::string kCors = OneRoute(
    R"(match { prefix: "/" } route { cluster: "c" } typed_per_filter_config {
       key: "envoy.filters.http.cors"
       value { type_url: "type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy" } })");
const std::string kToken = OneForward(R"(retry_policy { retry_on: "5xx,often" })");
const std::string kConnect = OneMatch("connect_matcher { }");
const std::string kSilent = OneRoute(
    R"(match { prefix: "/" } route { cluster: "c" max_grpc_timeout { } }
       decorator { operation: "x" })");

INSTANTIATE_TEST_SUITE_P(
    Fields, RouteReportTest,
    ::testing::ValuesIn(std::vector<ReportRow>{
        {"Mirror", kMirror.c_str(),
         "ignored virtual_hosts[0].routes[0].route.request_mirror_policies: not supported yet\n"},
        {"Cors", kCors.c_str(),
         "ignored virtual_hosts[0].routes[0].typed_per_filter_config[\"envoy.filters.http.cors\"]: "
         "not supported yet\n"},
        {"RetryCondition", kToken.c_str(),
         "ignored virtual_hosts[0].routes[0].route.retry_policy.retry_on: unknown condition "
         "\"often\"\n"},
        {"ConnectMatcher", kConnect.c_str(),
         "ignored virtual_hosts[0].routes[0].match.connect_matcher: is not supported yet: the "
         "route "
         "takes no request\n"},
        {"WhatIsInertIsSilent", kSilent.c_str(), ""},
    }),
    NameOf<ReportRow>);

TEST(DecodeRouteConfigTest, ReportsFieldsThatAreNewerThanOurCopy) {
  auto message = FromText<RouteConfiguration>(OneForward(""));
  auto& action = *message.mutable_virtual_hosts(0)->mutable_routes(0)->mutable_route();
  action.GetReflection()->MutableUnknownFields(&action)->AddVarint(999, 1);
  resource::Report report;
  ASSERT_TRUE(DecodeRouteConfig(message.SerializeAsString(), report).ok());
  EXPECT_EQ(LinesOf(report),
            "ignored virtual_hosts[0].routes[0].route: field 999 is not known here\n");
}

TEST(DecodeRouteConfigTest, ReportsInTheWordsOfTheIstioObjectWhereItsPlaceIsKnown) {
  resource::Report report;
  const std::string text = OneRoute(
      R"(match { prefix: "/" } route { cluster: "c" }
         metadata {
           filter_metadata { key: "istio" value { fields { key: "config" value { string_value:
             "/apis/networking.istio.io/v1/namespaces/default/virtual-service/reviews" } } } }
           filter_metadata { key: "meshlib" value { fields { key: "field" value {
             string_value: "http[0]" } } } } }
         typed_per_filter_config { key: "envoy.filters.http.cors" value { type_url:
           "type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy" } })");
  ASSERT_TRUE(Decode(text, report).ok());
  ASSERT_EQ(report.size(), 1u);
  EXPECT_EQ(report[0].ToString(),
            "VirtualService default/reviews http[0].corsPolicy: not supported yet, ignored");
}

TEST(DecodeRouteConfigTest, ARouteWithARuleOfAuthorizationFailsItsCalls) {
  const resource::Route route = FirstRoute(OneRoute(
      R"(match { prefix: "/" } route { cluster: "c" } typed_per_filter_config {
         key: "envoy.filters.http.rbac"
         value { type_url: "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBACPerRoute" } })"));
  ASSERT_TRUE(std::holds_alternative<resource::FailAction>(route.action));
  EXPECT_EQ(std::get<resource::FailAction>(route.action).reason,
            "security: filter envoy.filters.http.rbac is not supported yet");
}

TEST(DecodeRouteConfigTest, RequiredTlsRedirectsPlainRequests) {
  const resource::Route route =
      FirstRoute(R"(name: "r" virtual_hosts { name: "h" domains: "*" require_tls: ALL })");
  ASSERT_TRUE(std::holds_alternative<resource::RedirectAction>(route.action));
  EXPECT_TRUE(std::get<resource::RedirectAction>(route.action).https_redirect);
  ASSERT_EQ(route.match.headers.size(), 1u);
  EXPECT_EQ(route.match.headers[0].name, ":scheme");
}

TEST(DecodeRouteConfigTest, DurationsAreWholeMilliseconds) {
  const resource::Route route = FirstRoute(OneForward("timeout { nanos: 1999999 }"));
  EXPECT_EQ(std::get<resource::ForwardAction>(route.action).timeout, absl::Milliseconds(1));
}

TEST(DecodeRouteConfigTest, AMaxStreamDurationWithoutADurationTakesTheTimeoutAway) {
  for (const char* kind : {"", "grpc_timeout_header_max { }"}) {
    const resource::Route route = FirstRoute(
        OneForward("timeout { seconds: 3 } max_stream_duration { " + std::string(kind) + " }"));
    const auto& action = std::get<resource::ForwardAction>(route.action);
    EXPECT_EQ(action.timeout, absl::ZeroDuration()) << kind;
    EXPECT_EQ(action.max_stream_duration, std::nullopt) << kind;
  }
}

TEST(DecodeRouteConfigTest, RetryBackOffGrowsToTenTimesItsBase) {
  const resource::Route route = FirstRoute(
      OneForward("retry_policy { retry_back_off { base_interval { nanos: 40000000 } } }"));
  const auto& retry = *std::get<resource::ForwardAction>(route.action).retry_policy;
  EXPECT_EQ(retry.backoff_base, absl::Milliseconds(40));
  EXPECT_EQ(retry.backoff_max, absl::Milliseconds(400));
}

TEST(DecodeRouteConfigTest, MatchersAreLowerCaseWhereCaseDoesNotCount) {
  const resource::Route route = FirstRoute(OneMatch(
      R"(prefix: "/A" case_sensitive { } headers { name: "X-User"
         string_match { exact: "Jason" ignore_case: true } })"));
  EXPECT_FALSE(route.match.path.case_sensitive);
  EXPECT_EQ(route.match.headers[0].name, "x-user");
  EXPECT_EQ(std::get<resource::StringMatcher>(route.match.headers[0].match).value, "jason");
}

}  // namespace
}  // namespace meshlib::xds
