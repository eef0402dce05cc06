// SPDX-License-Identifier: Apache-2.0
#include "route/request_rewrite.h"

#include <gtest/gtest.h>

#include "route/route_builder.h"

namespace meshlib::route {
namespace {

using resource::HeaderAddition;
using Action = resource::HeaderAddition::Action;

HeaderAddition Add(std::string name, std::string value,
                   Action action = Action::kAppendIfExistsOrAdd) {
  return {std::move(name), std::move(value), action, false};
}

// One route, which each test shapes before it asks.
class RequestRewriteTest : public ::testing::Test {
 protected:
  void Rewrite() {
    table_ = RouteTable::Compile(std::make_shared<resource::RouteConfig>(config_));
    const RouteMatchResult match = table_->Match(head_.View(), 0);
    ASSERT_NE(match.route, nullptr);
    RewriteRequest({table_->config(), *match.route, weighted_}, {}, settings_, head_, scratch_);
  }

  resource::VirtualHost& host() { return config_.virtual_hosts[0]; }
  resource::Route& route() { return host().routes[0]; }
  resource::ForwardAction& action() { return Forward(route()); }

  resource::RouteConfig config_ = *Config({Host("h", {"*"}, {Prefix("r", "/a")})});
  const resource::WeightedCluster* weighted_ = nullptr;
  resource::HttpSettings settings_;
  OutgoingHead head_{"GET", "/a/b?q=1", "shop:80", "http", {}};
  RewriteScratch scratch_;
  std::shared_ptr<const RouteTable> table_;
};

TEST_F(RequestRewriteTest, LeavesARequestAloneThatNothingRewrites) {
  Rewrite();
  EXPECT_EQ(head_.path, "/a/b?q=1");
  EXPECT_EQ(head_.authority, "shop:80");
  EXPECT_TRUE(head_.headers.empty());
}

TEST_F(RequestRewriteTest, ReplacesTheMatchedPrefixAndKeepsTheQuery) {
  action().prefix_rewrite = "/new";
  Rewrite();
  EXPECT_EQ(head_.path, "/new/b?q=1");
  EXPECT_EQ(head_.headers.Get("x-envoy-original-path"), "/a/b?q=1");
}

TEST_F(RequestRewriteTest, ReplacesAllThatARegexRouteMatched) {
  route() = Pattern("r", "/a/.*");
  action().prefix_rewrite = "/new";
  Rewrite();
  EXPECT_EQ(head_.path, "/new?q=1");
}

TEST_F(RequestRewriteTest, ReplacesEveryMatchOfARegexInThePath) {
  action().regex_rewrite = resource::RegexRewrite{Regex("/([ab])"), "/\\1\\1"};
  Rewrite();
  EXPECT_EQ(head_.path, "/aa/bb?q=1");
}

TEST_F(RequestRewriteTest, KeepsEnvoysOwnHeadersOutWhereSuppressed) {
  settings_.suppress_envoy_headers = true;
  action().prefix_rewrite = "/new";
  action().host_rewrite = resource::HostRewriteLiteral{"other"};
  Rewrite();
  EXPECT_EQ(head_.authority, "other");
  EXPECT_TRUE(head_.headers.empty());
}

TEST_F(RequestRewriteTest, RewritesTheAuthorityAndTellsWhatItWas) {
  action().host_rewrite = resource::HostRewriteLiteral{"other"};
  action().append_x_forwarded_host = true;
  head_.headers.Add("x-forwarded-host", "before");
  Rewrite();
  EXPECT_EQ(head_.authority, "other");
  EXPECT_EQ(head_.headers.Get("x-forwarded-host"), "before,shop:80");
  EXPECT_EQ(head_.headers.Get("x-envoy-original-host"), "shop:80");
}

TEST_F(RequestRewriteTest, TakesTheAuthorityFromAHeader) {
  action().host_rewrite = resource::HostRewriteHeader{"x-host"};
  head_.headers.Add("x-host", "from-header");
  Rewrite();
  EXPECT_EQ(head_.authority, "from-header");
}

TEST_F(RequestRewriteTest, KeepsTheAuthorityWhenTheHeaderIsMissing) {
  action().host_rewrite = resource::HostRewriteHeader{"x-host"};
  Rewrite();
  EXPECT_EQ(head_.authority, "shop:80");
  EXPECT_FALSE(head_.headers.Has("x-envoy-original-host"));
}

TEST_F(RequestRewriteTest, TakesTheAuthorityFromThePath) {
  action().host_rewrite = resource::HostRewritePathRegex{{Regex("^/(.+)/.*$"), "\\1.example.com"}};
  Rewrite();
  EXPECT_EQ(head_.authority, "a.example.com");
}

TEST_F(RequestRewriteTest, AutoHostTakesTheEndpointsName) {
  action().host_rewrite = resource::HostRewriteAuto{};
  Rewrite();
  EXPECT_EQ(head_.authority, "shop:80");
  RewriteAutoHost(action(), "", settings_, head_);
  EXPECT_EQ(head_.authority, "shop:80");
  RewriteAutoHost(action(), "db.internal", settings_, head_);
  EXPECT_EQ(head_.authority, "db.internal");
}

TEST_F(RequestRewriteTest, TheLeastSpecificLevelHasTheLastWord) {
  const auto set = [](const char* value) {
    return Add("x-level", value, Action::kOverwriteIfExistsOrAdd);
  };
  route().request_headers.add = {set("route")};
  host().request_headers.add = {set("host")};
  config_.request_headers.add = {set("config")};
  Rewrite();
  EXPECT_EQ(head_.headers.Get("x-level"), "config");
  config_.most_specific_header_mutations_wins = true;
  Rewrite();
  EXPECT_EQ(head_.headers.Get("x-level"), "route");
}

TEST_F(RequestRewriteTest, TheWeightedClusterComesFirst) {
  resource::WeightedCluster weighted;
  weighted.name = resource::ClusterName("red");
  weighted.weight = 1;
  weighted.request_headers.add = {Add("x-weighted", "%UPSTREAM_CLUSTER%v")};
  weighted.host_rewrite_literal = "weighted.example.com";
  weighted_ = &weighted;
  route().request_headers.add = {Add("x-seen", "%REQ(x-weighted)% %REQ(:authority)%")};
  Rewrite();
  EXPECT_EQ(head_.headers.Get("x-seen"), "v weighted.example.com");
  EXPECT_EQ(head_.authority, "weighted.example.com");
}

TEST_F(RequestRewriteTest, CountsAttemptsWhereAskedTo) {
  SetAttemptCount(host(), 1, head_.headers);
  EXPECT_TRUE(head_.headers.empty());
  host().include_request_attempt_count = true;
  SetAttemptCount(host(), 1, head_.headers);
  SetAttemptCount(host(), 2, head_.headers);
  EXPECT_EQ(head_.headers, (Headers{{"x-envoy-attempt-count", "2"}}));
}

TEST(HeaderMutationTest, FollowsTheAppendAction) {
  const struct {
    const char* what;
    Headers before;
    std::vector<HeaderAddition> add;
    Headers after;
  } rows[] = {
      {"append adds", {}, {Add("x-a", "1")}, {{"x-a", "1"}}},
      {"append keeps", {{"x-a", "0"}}, {Add("x-a", "1")}, {{"x-a", "0"}, {"x-a", "1"}}},
      {"append joins what Envoy joins",
       {{"accept", "a"}},
       {Add("accept", "b")},
       {{"accept", "a,b"}}},
      {"if absent", {{"x-a", "0"}}, {Add("x-a", "1", Action::kAddIfAbsent)}, {{"x-a", "0"}}},
      {"if absent, added", {}, {Add("x-a", "1", Action::kAddIfAbsent)}, {{"x-a", "1"}}},
      {"absent is judged before any of the level",
       {},
       {Add("x-a", "1"), Add("x-a", "2", Action::kAddIfAbsent)},
       {{"x-a", "1"}, {"x-a", "2"}}},
      {"overwrite",
       {{"x-a", "0"}, {"x-a", "00"}},
       {Add("x-a", "1", Action::kOverwriteIfExistsOrAdd)},
       {{"x-a", "1"}}},
      {"overwrite, added", {}, {Add("x-a", "1", Action::kOverwriteIfExistsOrAdd)}, {{"x-a", "1"}}},
      {"overwrite only what is there", {}, {Add("x-a", "1", Action::kOverwriteIfExists)}, {}},
      {"appended values survive a later overwrite",
       {{"x-a", "0"}},
       {Add("x-a", "1"), Add("x-a", "2", Action::kOverwriteIfExistsOrAdd)},
       {{"x-a", "2"}, {"x-a", "1"}}},
      {"an empty value is not added", {}, {Add("x-a", "%REQ(x-none)%")}, {}},
      {"an empty value is kept where asked",
       {},
       {{"x-a", "", Action::kAppendIfExistsOrAdd, true}},
       {{"x-a", ""}}},
      {"commands see what was there",
       {{"x-b", "0"}},
       {Add("x-b", "1", Action::kOverwriteIfExistsOrAdd), Add("x-a", "%REQ(x-b)%")},
       {{"x-b", "1"}, {"x-a", "0"}}},
  };
  for (const auto& row : rows) {
    Headers headers = row.before;
    const RequestHead head{"GET", "/", "shop", "http", &headers};
    FormatContext context;
    context.request = &head;
    RewriteScratch scratch;
    ApplyHeaderMutations({row.add, {}}, context, MessageKind::kRequest, headers, scratch);
    EXPECT_EQ(headers, row.after) << row.what;
  }
}

TEST(HeaderMutationTest, RemovesBeforeItAdds) {
  Headers headers = {{"x-a", "0"}, {"x-b", "0"}};
  RewriteScratch scratch;
  ApplyHeaderMutations({{Add("x-a", "1")}, {"x-a", "x-b"}}, {}, MessageKind::kRequest, headers,
                       scratch);
  EXPECT_EQ(headers, (Headers{{"x-a", "1"}}));
}

TEST(RewriteResponseTest, MutatesAndCountsAttempts) {
  resource::VirtualHost host = Host("h", {"*"}, {Prefix("r", "/")});
  host.include_attempt_count_in_response = true;
  host.routes[0].response_headers = {{Add("x-new", "%RESP(x-old)%-%RESPONSE_CODE%")}, {}};
  const auto table = RouteTable::Compile(Config({host}));
  const Headers none;
  const RouteMatchResult match = table->Match({"GET", "/", "", "http", &none}, 0);
  Headers response = {{"x-old", "v"}};
  RewriteScratch scratch;
  RewriteResponse({table->config(), *match.route}, {.response_code = 201, .attempts = 3}, response,
                  scratch);
  EXPECT_EQ(response,
            (Headers{{"x-old", "v"}, {"x-envoy-attempt-count", "3"}, {"x-new", "v-201"}}));
}

TEST(EffectiveFaultTest, TheMostSpecificLevelDecides) {
  const auto fault = [](uint32_t active) {
    resource::FaultPolicy policy;
    policy.max_active_faults = active;
    return policy;
  };
  resource::RouteConfig config = *Config({Host("h", {"*"}, {Prefix("r", "/")})});
  const auto effective = [&](const resource::HttpSettings& settings,
                             const resource::WeightedCluster* weighted) -> uint32_t {
    const auto table = RouteTable::Compile(std::make_shared<resource::RouteConfig>(config));
    const Headers none;
    const RouteMatchResult match = table->Match({"GET", "/", "", "http", &none}, 0);
    const auto* policy = EffectiveFault({table->config(), *match.route, weighted}, settings);
    return policy == nullptr ? 0 : *policy->max_active_faults;
  };
  resource::HttpSettings settings;
  settings.fault = fault(1);
  EXPECT_EQ(effective(settings, nullptr), 0u) << "no filter, no fault";
  settings.has_fault_filter = true;
  EXPECT_EQ(effective(settings, nullptr), 1u);
  config.virtual_hosts[0].fault = fault(2);
  EXPECT_EQ(effective(settings, nullptr), 2u);
  config.virtual_hosts[0].routes[0].fault = fault(3);
  EXPECT_EQ(effective(settings, nullptr), 3u);
  resource::WeightedCluster weighted;
  EXPECT_EQ(effective(settings, &weighted), 3u);
  weighted.fault = fault(4);
  EXPECT_EQ(effective(settings, &weighted), 4u);
}

TEST(EffectiveTimeoutTest, DefaultsToFifteenSecondsAndZeroIsNone) {
  resource::ForwardAction action;
  EXPECT_EQ(EffectiveTimeout(action), absl::Seconds(15));
  action.timeout = absl::ZeroDuration();
  EXPECT_EQ(EffectiveTimeout(action), std::nullopt);
  action.timeout = absl::Seconds(3);
  EXPECT_EQ(EffectiveTimeout(action), absl::Seconds(3));
}

}  // namespace
}  // namespace meshlib::route
