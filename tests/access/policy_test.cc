// SPDX-License-Identifier: Apache-2.0
#include "access/policy.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "access/rbac_text.h"

namespace meshlib::access {
namespace {

using Shadow = Verdict::Shadow;

constexpr const char* kAny = "any: true";

resource::Address Ip(const char* ip, uint16_t port = 0) {
  return *resource::Address::FromIp(ip, port);
}

// A Call that tests change a little.
struct Call {
  std::string method = "GET";
  std::string path = "/reviews/0?a=b";
  std::string authority = "reviews:9080";
  Headers headers;
  Peer peer{.uris = {"spiffe://cluster.local/ns/default/sa/productpage"},
            .dns_names = {"productpage.example"},
            .subject = "CN=productpage"};
  bool plaintext = false;
  resource::Address destination = Ip("10.0.0.1", 9080);
  resource::Address direct_remote = Ip("10.0.0.2", 40000);
  resource::Address remote = Ip("203.0.113.9");
  std::string server_name = "outbound_.9080_._.reviews.default.svc.cluster.local";

  Verdict Ask(const Policy& policy) const {
    return policy.Check(
        {.head = {.method = method, .path = path, .authority = authority, .headers = &headers},
         .peer = plaintext ? nullptr : &peer,
         .destination = &destination,
         .direct_remote = &direct_remote,
         .remote = &remote,
         .server_name = server_name});
  }
};

std::shared_ptr<const Policy> PolicyOf(const std::vector<std::string>& filters) {
  std::vector<resource::RbacFilter> decoded;
  for (const std::string& filter : filters) decoded.push_back(FilterOf(filter));
  return Policy::Compile(decoded);
}

std::string Rules(const std::string& action, const std::string& policies) {
  return "rules { action: " + action + " " + policies + "}";
}

// Whether a rule, once as a permission or principal alone, matches.
bool Matches(const std::string& permission, const std::string& principal, const Call& call) {
  const auto policy = PolicyOf({Rules("ALLOW", PolicyText(permission, principal))});
  const Verdict allow = call.Ask(*policy);
  const auto opposite = PolicyOf({Rules("DENY", PolicyText(permission, principal))});
  EXPECT_NE(call.Ask(*opposite).allowed, allow.allowed) << permission << principal;
  return allow.allowed;
}

TEST(PolicyTest, WithoutFiltersThereIsNone) {
  EXPECT_EQ(PolicyOf({}), nullptr);
  EXPECT_EQ(PolicyOf({""}), nullptr);
}

TEST(PolicyTest, ActionsDecideWhatAMatchMeans) {
  const struct {
    const char* name;
    std::vector<std::string> filters;
    bool allowed;
    const char* policy;
    const char* audit;
  } rows[] = {
      {"allowed by a match", {Rules("ALLOW", PolicyText(kAny, kAny))}, true, "p", ""},
      {"no policy allows anything", {Rules("ALLOW", "")}, false, "", ""},
      {"denied by a match", {Rules("DENY", PolicyText(kAny, kAny))}, false, "p", ""},
      {"no policy denies anything", {Rules("DENY", "")}, true, "", ""},
      {"a log never refuses", {Rules("LOG", PolicyText(kAny, kAny))}, true, "", "p"},
      {"deny comes first in the order of filters",
       {Rules("DENY", PolicyText(kAny, kAny, "d")), Rules("ALLOW", PolicyText(kAny, kAny, "a"))},
       false,
       "d",
       ""},
      {"all filters must agree",
       {Rules("ALLOW", PolicyText(kAny, kAny, "a")), Rules("ALLOW", "")},
       false,
       "",
       ""},
      {"the last that allows is named",
       {Rules("ALLOW", PolicyText(kAny, kAny, "a")), Rules("DENY", "")},
       true,
       "a",
       ""},
      {"the first by name is named",
       {Rules("ALLOW", PolicyText(kAny, kAny, "b") + PolicyText(kAny, kAny, "a"))},
       true,
       "a",
       ""},
      {"logs before the refusal are told",
       {Rules("LOG", PolicyText(kAny, kAny, "l")), Rules("ALLOW", "")},
       false,
       "",
       "l"},
  };
  for (const auto& row : rows) {
    const auto policy = PolicyOf(row.filters);
    const Verdict verdict = Call().Ask(*policy);
    EXPECT_EQ(verdict.allowed, row.allowed) << row.name;
    EXPECT_EQ(verdict.policy, row.policy) << row.name;
    EXPECT_EQ(verdict.audit_policy, row.audit) << row.name;
    EXPECT_EQ(verdict.shadow, Shadow::kNone) << row.name;
  }
}

TEST(PolicyTest, ShadowRulesAreToldAndNeverEnforced) {
  const std::string matching = PolicyText(kAny, kAny, "s");
  const struct {
    std::vector<std::string> filters;
    Shadow shadow;
    const char* policy;
  } rows[] = {
      {{"shadow_rules { action: DENY " + matching + "}"}, Shadow::kDenied, "s"},
      {{"shadow_rules { action: ALLOW }"}, Shadow::kDenied, ""},
      {{"shadow_rules { action: ALLOW " + matching + "}"}, Shadow::kAllowed, "s"},
      {{"shadow_rules { action: DENY }", "shadow_rules { action: DENY " + matching + "}"},
       Shadow::kDenied,
       "s"},
      {{"shadow_rules { action: DENY " + matching + "}", "shadow_rules { action: DENY }"},
       Shadow::kDenied,
       "s"},
  };
  for (const auto& row : rows) {
    const auto policy = PolicyOf(row.filters);
    const Verdict verdict = Call().Ask(*policy);
    EXPECT_TRUE(verdict.allowed);
    EXPECT_EQ(verdict.shadow, row.shadow);
    EXPECT_EQ(verdict.shadow_policy, row.policy);
  }
}

TEST(PolicyTest, RefusalsHaveEnvoysDetails) {
  EXPECT_EQ(Verdict{.allowed = false}.Details(), "rbac_access_denied_matched_policy[none]");
  EXPECT_EQ((Verdict{.allowed = false, .policy = "a b\tc"}).Details(),
            "rbac_access_denied_matched_policy[a_b_c]");
}

TEST(PolicyTest, BadInput34_NamesOfPoliciesCannotForgeLogLines) {
  const std::string name = "a\r\nb\x1b[31m" + std::string(1 << 20, 'x');
  const std::string details = Verdict{.allowed = false, .policy = name}.Details();
  EXPECT_TRUE(details.starts_with("rbac_access_denied_matched_policy[a__b_[31mxxx"));
  EXPECT_LT(details.size(), 600u);
}

TEST(PolicyTest, PermissionsLookAtTheRequest) {
  const struct {
    const char* rule;
    bool matches;
  } rows[] = {
      {"any: true", true},
      {"url_path { path { exact: '/reviews/0' } }", true},
      {"url_path { path { exact: '/reviews/0?a=b' } }", false},
      {"url_path { path { prefix: '/reviews/' } }", true},
      {"url_path { path { prefix: '/REVIEWS/' ignore_case: true } }", true},
      {"url_path { path { prefix: '/REVIEWS/' } }", false},
      {"url_path { path { suffix: '/0' } }", true},
      {"url_path { path { contains: 'views' } }", true},
      {"url_path { path { safe_regex { regex: '/re.*/[0-9]' } } }", true},
      {"url_path { path { safe_regex { regex: '/re.*' } } }", true},
      {"url_path { path { safe_regex { regex: 're.*' } } }", false},
      {"not_rule { url_path { path { prefix: '/admin' } } }", true},
      {"destination_port: 9080", true},
      {"destination_port: 80", false},
      {"destination_port_range { start: 9000 end: 9080 }", false},
      {"destination_port_range { start: 9080 end: 9081 }", true},
      {"destination_ip { address_prefix: '10.0.0.0' prefix_len { value: 24 } }", true},
      {"destination_ip { address_prefix: '10.0.1.0' prefix_len { value: 24 } }", false},
      {"header { name: ':method' string_match { exact: 'GET' } }", true},
      {"header { name: ':method' string_match { exact: 'get' } }", false},
      {"header { name: ':authority' string_match { exact: 'REVIEWS:9080' ignore_case: true } }",
       true},
      {"header { name: 'host' string_match { prefix: 'reviews' } }", true},
      {"header { name: 'x-none' present_match: true }", false},
      {"requested_server_name { suffix: '.cluster.local' }", true},
      {"requested_server_name { exact: '' }", false},
      {"and_rules { rules { destination_port: 9080 } rules { url_path { path { prefix: '/r' } } } "
       "}",
       true},
      {"and_rules { rules { destination_port: 80 } rules { url_path { path { prefix: '/r' } } } }",
       false},
      {"or_rules { rules { destination_port: 80 } rules { url_path { path { prefix: '/r' } } } }",
       true},
  };
  for (const auto& row : rows) EXPECT_EQ(Matches(row.rule, kAny, Call()), row.matches) << row.rule;
}

TEST(PolicyTest, PrincipalsLookAtThePeer) {
  const struct {
    const char* rule;
    bool matches;
  } rows[] = {
      {"authenticated {}", true},
      {"authenticated { principal_name { exact: 'spiffe://cluster.local/ns/default/sa/productpage' "
       "} }",
       true},
      {"authenticated { principal_name { exact: 'productpage.example' } }", true},
      {"authenticated { principal_name { exact: 'CN=productpage' } }", true},
      {"authenticated { principal_name { exact: 'productpage' } }", false},
      {"authenticated { principal_name { prefix: 'spiffe://cluster.local/ns/default/' } }", true},
      {"authenticated { principal_name { suffix: '/sa/productpage' } }", true},
      {"authenticated { principal_name { safe_regex { regex: '.*/ns/default/.*' } } }", true},
      {"authenticated { principal_name { safe_regex { regex: '.*/ns/defaul/.*' } } }", false},
      {"authenticated { principal_name { safe_regex { regex: "
       "'spiffe://.+/ns/default/(.+/|)sa/productpage(/.+)?' } } }",
       true},
      {"not_id { authenticated { principal_name { safe_regex { regex: '.*/ns/other/.*' } } } }",
       true},
      {"source_ip { address_prefix: '10.0.0.2' prefix_len { value: 32 } }", true},
      {"direct_remote_ip { address_prefix: '10.0.0.0' prefix_len { value: 31 } }", false},
      {"direct_remote_ip { address_prefix: '10.0.0.0' prefix_len { value: 30 } }", true},
      {"remote_ip { address_prefix: '203.0.113.0' prefix_len { value: 24 } }", true},
      {"remote_ip { address_prefix: '10.0.0.2' prefix_len { value: 32 } }", false},
      {"remote_ip { address_prefix: '::' prefix_len { value: 0 } }", false},
      {"url_path { path { prefix: '/reviews' } }", true},
      {"header { name: ':method' string_match { exact: 'GET' } }", true},
      {"and_ids { ids { any: true } ids { authenticated { principal_name { prefix: 'CN=' } } } }",
       true},
      {"or_ids { ids { url_path { path { exact: '/' } } } ids { authenticated {} } }", true},
  };
  for (const auto& row : rows) EXPECT_EQ(Matches(kAny, row.rule, Call()), row.matches) << row.rule;
}

TEST(PolicyTest, PlaintextPeersHaveNoName) {
  Call call;
  call.plaintext = true;
  EXPECT_FALSE(Matches(kAny, "authenticated {}", call));
  EXPECT_FALSE(
      Matches(kAny, "authenticated { principal_name { safe_regex { regex: '.*' } } }", call));
  EXPECT_TRUE(Matches(kAny, "not_id { authenticated {} }", call));
}

TEST(PolicyTest, PeersWithoutCertificateHaveAnEmptySubject) {
  Call call;
  call.peer = {};
  EXPECT_TRUE(Matches(kAny, "authenticated {}", call));
  EXPECT_FALSE(
      Matches(kAny, "authenticated { principal_name { safe_regex { regex: '.+' } } }", call));
  EXPECT_FALSE(Matches(kAny, "authenticated { principal_name { prefix: 'spiffe://' } }", call));
}

TEST(PolicyTest, BadInput38_ARequestWithoutPathHasNoPathThatMatches) {
  Call call;
  call.method = "CONNECT";
  call.path = "";
  EXPECT_FALSE(Matches("url_path { path { safe_regex { regex: '.*' } } }", kAny, call));
  EXPECT_TRUE(Matches("not_rule { url_path { path { prefix: '/admin' } } }", kAny, call));
}

TEST(PolicyTest, BadInput16_ObsTextIsMatchedByteByByte) {
  Call call;
  call.headers = {{"x-tenant", "caf\xe9\xff"}};
  const std::string header = "header { name: 'x-tenant' string_match { ";
  EXPECT_TRUE(Matches(header + "safe_regex { regex: 'caf..' } } }", kAny, call));
  EXPECT_TRUE(Matches(header + R"(safe_regex { regex: '[^a-z]+|caf\\xe9.*' } } })", kAny, call));
  EXPECT_TRUE(Matches(header + "prefix: 'caf' } }", kAny, call));
  EXPECT_FALSE(Matches(header + "safe_regex { regex: '[a-z]*' } } }", kAny, call));
}

TEST(PolicyTest, BadInput17_EveryValueOfARepeatedHeaderIsLookedAt) {
  Call call;
  call.headers = {{"x-role", "user"}, {"x-role", "admin"}};
  const std::string admin = "header { name: 'x-role' string_match { exact: 'admin' } }";
  EXPECT_TRUE(Matches(admin, kAny, call));
  EXPECT_FALSE(Matches("not_rule {" + admin + "}", kAny, call));
}

TEST(PolicyTest, BadInput35_Ipv4InItsIpv6FormIsIpv4) {
  Call call;
  call.direct_remote = Ip("::ffff:10.0.0.2", 40000);
  EXPECT_TRUE(Matches(
      kAny, "direct_remote_ip { address_prefix: '10.0.0.0' prefix_len { value: 8 } }", call));
  EXPECT_FALSE(
      Matches(kAny, "direct_remote_ip { address_prefix: '::' prefix_len { value: 0 } }", call));
}

// Whatever the index leaves out must not match: compared with one rule at a time, of which the
// index has only one key.
TEST(PolicyTest, ManyPoliciesDecideAsEachAlone) {
  const std::vector<std::string> names = {
      "exact: 'spiffe://td/ns/a/sa/x'",
      "prefix: 'spiffe://td/ns/b'",
      "suffix: '/sa/x'",
      "contains: '/ns/c/'",
      "contains: 'd/s'",
      "safe_regex { regex: '.*/ns/a/.*' }",
      "safe_regex { regex: 'spiffe://.+/ns/b/(.+/|)sa/y(/.+)?' }",
      R"(safe_regex { regex: 'spiffe://td/ns/c?/sa/.' })",
      R"(safe_regex { regex: '(?i)SPIFFE://TD/NS/A/SA/X|.*/ns/b/.*' })",
      R"(safe_regex { regex: 'spiffe://t\\.d/ns/a/sa/x' })",
      "exact: 'SPIFFE://td/ns/A/sa/x' ignore_case: true",
      "suffix: '/SA/Y' ignore_case: true",
  };
  const std::vector<std::string> paths = {"exact: '/a'",
                                          "prefix: '/a/'",
                                          "suffix: '.html'",
                                          "contains: '/b/'",
                                          "safe_regex { regex: '/a/[0-9]+' }",
                                          "safe_regex { regex: '/a/{2}b/.*' }",
                                          "prefix: '/A' ignore_case: true"};
  std::string policies;
  std::vector<std::string> alone;
  for (size_t i = 0; i < names.size(); ++i) {
    for (size_t j = 0; j < paths.size(); ++j) {
      const std::string name = "p" + std::to_string(100 + i * paths.size() + j);
      alone.push_back(PolicyText("url_path { path {" + paths[j] + "} }",
                                 "authenticated { principal_name {" + names[i] + "} }", name));
      policies += alone.back();
    }
  }
  const auto all = PolicyOf({Rules("ALLOW", policies)});
  for (const char* uri :
       {"spiffe://td/ns/a/sa/x", "spiffe://td/ns/b/sa/y", "spiffe://td/ns/b/z/sa/y/1",
        "spiffe://td/ns/c/sa/x", "spiffe://td/ns//sa/x", "spiffe://t.d/ns/a/sa/x", "x"}) {
    for (const char* path : {"/a", "/A/1", "/a/1", "/a/b/c.html", "/a//b/", "/b/?/a", "/c"}) {
      Call call;
      call.peer = {.uris = {uri}, .dns_names = {}, .subject = {}};
      call.path = path;
      std::string first;
      for (const std::string& one : alone) {
        const auto policy = PolicyOf({Rules("ALLOW", one)});
        if (first.empty()) first = call.Ask(*policy).policy;
      }
      EXPECT_EQ(call.Ask(*all).policy, first) << uri << " " << path;
    }
  }
}

TEST(PolicyTest, PoliciesBeyondOneBlockAreFound) {
  std::string policies;
  for (int i = 10000; i < 13000; ++i) {
    const std::string n = std::to_string(i);
    policies += PolicyText("url_path { path { exact: '/" + n + "' } }", kAny, "p" + n);
  }
  const auto policy = PolicyOf({Rules("ALLOW", policies)});
  Call call;
  for (const char* path : {"/10000", "/11023", "/11024", "/12999"}) {
    call.path = path;
    EXPECT_EQ(call.Ask(*policy).policy, "p" + std::string(path + 1));
  }
  call.path = "/13000";
  EXPECT_FALSE(call.Ask(*policy).allowed);
}

}  // namespace
}  // namespace meshlib::access
