// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "load_text.h"

namespace meshlib::manifest {
namespace {

HttpRoute RouteOf(const std::string& text) {
  const LoadResult result = LoadText(text, "f");
  EXPECT_TRUE(result.ok()) << ToText(result.problems);
  return result.ok() ? result.manifest.virtual_services.at(0).http.at(0) : HttpRoute();
}

TEST(DecodeHttpRouteTest, ReadsEveryKindOfMatch) {
  const HttpRoute route = RouteOf(RouteWith(R"(name: canary, match: [{
      name: m, uri: {prefix: /a}, scheme: {exact: http}, method: {exact: GET},
      authority: {regex: ".*"}, headers: {end-user: {exact: jason}, x: {}},
      withoutHeaders: {y: {prefix: p}, z: {regex: "*"}}, queryParams: {q: {exact: "1"}},
      ignoreUriCase: true, port: 9080, sourceLabels: {app: web}, sourceNamespace: shop,
      gateways: [mesh, shop/edge], statPrefix: s}])"));
  ASSERT_EQ(route.match.size(), 1u);
  const HttpMatch& match = route.match[0];
  EXPECT_EQ(route.name, "canary");
  EXPECT_EQ(match.uri, (StringMatch{StringMatch::Kind::kPrefix, "/a"}));
  EXPECT_EQ(match.authority, (StringMatch{StringMatch::Kind::kRegex, ".*"}));
  EXPECT_EQ(match.headers.at("end-user"), (StringMatch{StringMatch::Kind::kExact, "jason"}));
  EXPECT_EQ(match.headers.at("x"), std::nullopt);
  EXPECT_EQ(match.without_headers.at("z"), std::nullopt);
  EXPECT_EQ(match.query_params.size(), 1u);
  EXPECT_TRUE(match.ignore_uri_case);
  EXPECT_EQ(match.port, 9080u);
  EXPECT_EQ(match.source_labels.at("app"), "web");
  EXPECT_EQ(match.gateways, (std::vector<std::string>{"mesh", "shop/edge"}));
}

TEST(DecodeHttpRouteTest, ReadsDestinationsWithWeightsAndHeaders) {
  const HttpRoute route =
      RouteOf(IstioObject("VirtualService", R"({hosts: [reviews], http: [{route: [
      {destination: {host: reviews, subset: v1, port: {number: 9080}}, weight: 80,
       headers: {request: {set: {a: b}, add: {c: "%START_TIME%"}, remove: [d]},
                 response: {set: {e: f}}}},
      {destination: {host: reviews.shop.svc.cluster.local, subset: v2}, weight: 20}]}]})"));
  ASSERT_EQ(route.route.size(), 2u);
  EXPECT_EQ(route.route[0].destination.subset, "v1");
  EXPECT_EQ(route.route[0].destination.port, 9080u);
  EXPECT_EQ(route.route[0].weight, 80u);
  EXPECT_EQ(route.route[0].headers.request.add.at("c"), "%START_TIME%");
  EXPECT_EQ(route.route[0].headers.request.remove, std::vector<std::string>{"d"});
  EXPECT_EQ(route.route[0].headers.response.set.at("e"), "f");
  EXPECT_EQ(route.route[1].destination.host, "reviews.shop.svc.cluster.local");
}

TEST(DecodeHttpRouteTest, ReadsTimesAndRetries) {
  const HttpRoute route = RouteOf(
      RouteWith("timeout: 1.5s, retries: {attempts: 3, perTryTimeout: 250ms, retryOn: 'reset,503', "
                "retryRemoteLocalities: true, backoff: 100ms}"));
  EXPECT_EQ(route.timeout, absl::Milliseconds(1500));
  EXPECT_EQ(route.retries->attempts, 3u);
  EXPECT_EQ(route.retries->per_try_timeout, absl::Milliseconds(250));
  EXPECT_EQ(route.retries->retry_on, "reset,503");
  EXPECT_EQ(route.retries->retry_remote_localities, true);
  EXPECT_EQ(route.retries->backoff, absl::Milliseconds(100));
}

TEST(DecodeHttpRouteTest, ReadsFaults) {
  const HttpFault fault = *RouteOf(RouteWith(R"(fault: {
      delay: {percentage: {value: 12.5}, fixedDelay: 2s},
      abort: {percentage: {value: 100}, httpStatus: 503}})"))
                               .fault;
  EXPECT_EQ(fault.delay->percentage, 12.5);
  EXPECT_EQ(fault.delay->fixed_delay, absl::Seconds(2));
  EXPECT_EQ(fault.abort->http_status, 503u);
  EXPECT_EQ(
      RouteOf(RouteWith("fault: {abort: {grpcStatus: UNAVAILABLE}}")).fault->abort->percentage, 0);
}

TEST(DecodeHttpRouteTest, ReadsRewritesMirrorsAndCors) {
  const HttpRoute route = RouteOf(RouteWith(R"(
      rewrite: {uriRegexRewrite: {match: '^/a/(.*)', rewrite: '/\1'}, authority: b},
      mirror: {host: shadow}, mirrorPercentage: {value: 10},
      corsPolicy: {allowOrigins: [{exact: "https://a"}], allowMethods: [GET], maxAge: 24h,
                   allowCredentials: true, unmatchedPreflights: IGNORE},
      headers: {request: {set: {x: y}}})"));
  EXPECT_EQ(route.rewrite->uri_regex->rewrite, "/\\1");
  ASSERT_EQ(route.mirrors.size(), 1u);
  EXPECT_EQ(route.mirrors[0].percentage, 10);
  EXPECT_EQ(route.cors_policy->max_age, absl::Hours(24));
  EXPECT_EQ(route.cors_policy->unmatched_preflights, CorsPolicy::UnmatchedPreflights::kIgnore);
  EXPECT_EQ(route.headers.request.set.at("x"), "y");
  EXPECT_EQ(RouteOf(RouteWith("mirrors: [{destination: {host: a}}]")).mirrors.at(0).percentage,
            100);
}

TEST(DecodeHttpRouteTest, ReadsRoutesThatAnswerThemselves) {
  const auto only = [](const std::string& fields) {
    return RouteOf(IstioObject("VirtualService", "{hosts: [a], http: [{" + fields + "}]}"));
  };
  EXPECT_EQ(only("redirect: {uri: /b, redirectCode: 308}").redirect->redirect_code, 308u);
  EXPECT_EQ(only("redirect: {authority: b}").redirect->redirect_code, 301u);
  EXPECT_EQ(std::get<HttpRedirect::DerivePort>(
                only("redirect: {scheme: https, derivePort: FROM_REQUEST_PORT}").redirect->port),
            HttpRedirect::DerivePort::kFromRequestPort);
  EXPECT_EQ(only("directResponse: {status: 503, body: {string: 'no'}}").direct_response->body,
            "no");
  EXPECT_EQ(only("directResponse: {status: 200, body: {bytes: aGk=}}").direct_response->body, "hi");
  EXPECT_EQ(only("delegate: {name: b, namespace: c}").delegate->name_space, "c");
}

struct BadField {
  const char* name;
  std::string text;
  const char* error;  // a part of what is reported
};

class BadRouteTest : public ::testing::TestWithParam<BadField> {};

TEST_P(BadRouteTest, IsAnErrorThatNamesTheField) {
  const std::string problems = ProblemsOf(GetParam().text);
  EXPECT_TRUE(Contains(problems, "error: VirtualService default/test spec")) << problems;
  EXPECT_TRUE(Contains(problems, GetParam().error)) << problems;
}

std::string Weights(const std::string& first, const std::string& second) {
  return IstioObject("VirtualService",
                     "{hosts: [a], http: [{route: [{destination: {host: a}, weight: " + first +
                         "}, {destination: {host: b}, weight: " + second + "}]}]}");
}

std::string Hosts(const std::string& hosts) {
  return IstioObject("VirtualService",
                     "{hosts: " + hosts + ", http: [{route: [{destination: {host: a}}]}]}");
}

INSTANTIATE_TEST_SUITE_P(
    Fields, BadRouteTest,
    ::testing::ValuesIn<BadField>({
        {"Timeout", RouteWith("timeout: 2 seconds"),
         "spec.http[0].timeout: \"2 seconds\" is not a duration, such as 0.5s"},
        {"TimeoutWithoutUnit", RouteWith("timeout: 5"), "\"5\" is not a duration"},
        {"TimeoutTooShort", RouteWith("timeout: 100us"), "\"100us\" is shorter than 1ms"},
        {"TimeoutNegative", RouteWith("timeout: -1s"), "shorter than 1ms"},
        {"TimeoutTooFine", RouteWith("timeout: 1.0005s"), "not in whole milliseconds"},
        {"TimeoutEndless", RouteWith("timeout: inf"), "is not a duration"},
        {"Attempts", RouteWith("retries: {attempts: -1}"),
         "spec.http[0].retries.attempts: \"-1\" is not a whole number from 0 to"},
        {"RetryOnWord", RouteWith("retries: {attempts: 1, retryOn: 'reset, always'}"),
         "\"always\" is not a condition to retry on"},
        {"RetriesOff", RouteWith("retries: {attempts: 0, retryOn: 5xx}"), "switches retries off"},
        {"WeightNegative", Weights("-1", "2"), "\"-1\" is not a whole number"},
        {"WeightsZero", Weights("0", "0"), "the weights sum up to 0"},
        {"WeightTooLarge", Weights("4294967295", "1"), "4294967295 is more than 2147483647"},
        {"WeightTooLargeByFar", Weights("99999999999999999999", "1"), "is not a whole number"},
        {"WeightText", Weights("\"80\"", "20"), "\"80\" is text because of its quotes"},
        {"Percentage", RouteWith("fault: {delay: {percentage: {value: 101}, fixedDelay: 1s}}"),
         "spec.http[0].fault.delay.percentage.value: 101 is not a percentage from 0 to 100"},
        {"DelayZero", RouteWith("fault: {delay: {percentage: {value: 1}, fixedDelay: 0s}}"),
         "shorter than 1ms"},
        {"AbortStatus", RouteWith("fault: {abort: {httpStatus: 99}}"), "99 is not a status"},
        {"AbortGrpc", RouteWith("fault: {abort: {grpcStatus: UNAVAILABEL}}"),
         "did you mean \"UNAVAILABLE\"?"},
        {"FaultEmpty", RouteWith("fault: {}"), "a fault has a delay or an abort"},
        {"Regex", RouteWith("match: [{uri: {regex: '(a'}}]"),
         "spec.http[0].match[0].uri.regex: \"(a\" is not a regular expression of RE2"},
        {"RegexLookahead", RouteWith("match: [{headers: {x: {regex: '(?!a)'}}}]"), "of RE2"},
        {"RegexLong", RouteWith("match: [{uri: {regex: '" + std::string(1025, 'a') + "'}}]"),
         "at most 1024 letters, not 1025"},
        {"TwoKindsOfMatch", RouteWith("match: [{uri: {exact: /a, prefix: /b}}]"), "exactly one of"},
        {"UriList", RouteWith("match: [{uri: [a]}]"), "is a list where a mapping belongs"},
        {"HeaderNull", RouteWith("match: [{headers: {x: null}}]"), "a match is missing"},
        {"HeaderName", RouteWith("match: [{headers: {'x y': {exact: a}}}]"),
         "\"x y\" is not a header's name"},
        {"PortZero", RouteWith("match: [{port: 0}]"),
         "match[0].port: port 0 is not from 1 to 65535"},
        {"PortTooLarge", RouteWith("match: [{port: 70000}]"), "port 70000 is not from 1 to 65535"},
        {"SetHost", RouteWith("headers: {response: {set: {host: a}}}"), "not a header that can be"},
        {"Percent", RouteWith("headers: {request: {set: {x: 50%}}}"), "has a single %"},
        {"TwoActions", RouteWith("redirect: {uri: /a}"), "there may be one of"},
        {"EmptyRewrite", RouteWith("rewrite: {}"), "one of uri, uriRegexRewrite and authority"},
        {"NoAction", IstioObject("VirtualService", "{hosts: [a], http: [{name: n}]}"),
         "one of route, redirect, directResponse and delegate is missing"},
        {"NoDestination",
         IstioObject("VirtualService", "{hosts: [a], http: [{route: [{weight: 1}]}]}"),
         "\"destination\" is missing"},
        {"LongHost", Hosts("[" + std::string(10'000, 'a') + "]"),
         "has 10000 letters; a DNS name, which may start with *, or an IP address has at most 255"},
        {"HostWithSpace", Hosts("['a b']"), "\"a b\" is not a DNS name"},
        {"HostStarInside", Hosts("[a.*.b]"), "is not a DNS name"},
        {"HostNumber", Hosts("[1]"), "is a number where text belongs: put it in quotes"},
        {"StarInMesh", Hosts("['*']"), "needs gateways other than mesh"},
        {"OverlappingHosts", Hosts("['*.b.c', a.b.c]"), "overlap"},
        {"HostsText", Hosts("a"), "is a single value where a list belongs"},
        {"NoRoutes", IstioObject("VirtualService", "{hosts: [a]}"),
         "one of http, tls and tcp is missing"},
        {"SniOutside",
         IstioObject("VirtualService",
                     "{hosts: [a.b], tls: [{match: [{sniHosts: [c.d]}],"
                     " route: [{destination: {host: a}}]}]}"),
         "sniHost \"c.d\" is not within the hosts"},
        {"ExportTo",
         IstioObject("VirtualService",
                     "{hosts: [a], exportTo: ['*', b], http: [{redirect:"
                     " {uri: /}}]}"),
         "stands alone or not at all"},
        {"GatewayName",
         IstioObject("VirtualService",
                     "{hosts: [a], gateways: [a/b/c], http: [{redirect:"
                     " {uri: /}}]}"),
         "is not a gateway's name"},
    }),
    [](const auto& row) { return row.param.name; });

TEST(DecodeHttpRouteTest, UnknownFieldsNameTheNearestOne) {
  const std::string problems = ProblemsOf(RouteWith("tiemout: 1s"));
  EXPECT_TRUE(Contains(problems,
                       "warning: VirtualService default/test spec.http[0].tiemout: unknown "
                       "field \"tiemout\", did you mean \"timeout\"?"))
      << problems;
}

TEST(DecodeHttpRouteTest, AnErrorHasItsLineAndColumn) {
  const std::string problems = ProblemsOf(IstioObject("VirtualService", R"(  hosts: [reviews]
  http:
  - route:
    - destination:
        host: reviews
      weight: many)"));
  EXPECT_EQ(problems.substr(0, 15), "f:10:15: error:") << problems;
}

}  // namespace
}  // namespace meshlib::manifest
