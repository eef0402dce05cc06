// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "load_text.h"

namespace meshlib::manifest {
namespace {

std::string Security(const std::string& kind, const std::string& spec,
                     const std::string& annotations = "{}") {
  return "apiVersion: security.istio.io/v1\nkind: " + kind +
         "\nmetadata: {name: test, annotations: " + annotations + "}\nspec: " + spec + "\n";
}

Manifest ManifestOf(const std::string& text) {
  LoadResult result = LoadText(text, "f");
  EXPECT_TRUE(result.ok()) << ToText(result.problems);
  return std::move(result.manifest);
}

TEST(DecodeSecurityTest, ReadsAuthorizationPolicies) {
  const AuthorizationPolicy policy = ManifestOf(Security("AuthorizationPolicy", R"({
        selector: {matchLabels: {app: reviews}}, action: DENY, rules: [{
          from: [{source: {principals: [a/ns/b/sa/c], notNamespaces: [x], ipBlocks: [10.0.0.0/8],
                           remoteIpBlocks: ["::1"], trustDomains: ["*.example"]}},
                 {source: {serviceAccounts: [a, b/c]}}],
          to: [{operation: {hosts: ["*.shop"], ports: ["80", 443], methods: [GET],
                            notPaths: [/a*, "/b/{*}/c/{**}"]}}],
          when: [{key: "request.headers[x-role]", values: [admin], notValues: [guest]}]}]})",
                                                         "{istio.io/dry-run: \"true\"}"))
                                         .authorization_policies.at(0);
  EXPECT_EQ(policy.selector.at("app"), "reviews");
  EXPECT_EQ(policy.action, AuthorizationPolicy::Action::kDeny);
  EXPECT_TRUE(policy.dry_run);
  EXPECT_EQ(policy.unenforced_field, "");
  const AuthorizationRule& rule = policy.rules.at(0);
  EXPECT_EQ(rule.from.at(0).principals.values, std::vector<std::string>{"a/ns/b/sa/c"});
  EXPECT_EQ(rule.from.at(0).namespaces.not_values, std::vector<std::string>{"x"});
  EXPECT_EQ(rule.from.at(0).ip_blocks.values, std::vector<std::string>{"10.0.0.0/8"});
  EXPECT_EQ(rule.from.at(0).remote_ip_blocks.values, std::vector<std::string>{"::1"});
  EXPECT_EQ(rule.from.at(1).service_accounts.values, (std::vector<std::string>{"a", "b/c"}));
  EXPECT_EQ(rule.to.at(0).ports.values, (std::vector<std::string>{"80", "443"}));
  EXPECT_EQ(rule.to.at(0).paths.not_values.size(), 2u);
  EXPECT_EQ(rule.when.at(0).key, "request.headers[x-role]");
  EXPECT_EQ(rule.when.at(0).values.not_values, std::vector<std::string>{"guest"});
}

TEST(DecodeSecurityTest, TellsEmptyPoliciesAndRulesApart) {
  EXPECT_TRUE(
      ManifestOf(Security("AuthorizationPolicy", "{}")).authorization_policies.at(0).rules.empty());
  const auto policy =
      ManifestOf(Security("AuthorizationPolicy", "{rules: [{}]}")).authorization_policies.at(0);
  ASSERT_EQ(policy.rules.size(), 1u);
  EXPECT_TRUE(policy.rules[0].from.empty() && policy.rules[0].to.empty());
}

TEST(DecodeSecurityTest, RefusesWhatIstioRefuses) {
  const struct {
    const char* spec;
    const char* problem;
  } rows[] = {
      {"{action: DENY}", "\"rules\" is missing"},
      {"{action: BLOCK}", "ALLOW"},
      {"{rules: [{from: []}]}", "must not be empty"},
      {"{rules: [{to: []}]}", "must not be empty"},
      {"{rules: [{from: [{}]}]}", "\"source\" is missing"},
      {"{rules: [{from: [{source: {}}]}]}", "says nothing"},
      {"{rules: [{to: [{operation: {}}]}]}", "says nothing"},
      {"{rules: [{from: [{source: {principals: [\"\"]}}]}]}", "must not be empty"},
      {"{rules: [{from: [{source: {ipBlocks: [a]}}]}]}", "an IP address"},
      {"{rules: [{from: [{source: {serviceAccounts: [a/b/c]}}]}]}", "neither \"name\" nor"},
      {"{rules: [{from: [{source: {serviceAccounts: [\"a*\"]}}]}]}", "neither \"name\" nor"},
      {"{rules: [{from: [{source: {serviceAccounts: [a], principals: [b]}}]}]}",
       "stand without principals"},
      {"{rules: [{from: [{source: {trustDomains: [\"a*b\"]}}]}]}", "not a trust domain"},
      {"{rules: [{to: [{operation: {ports: [\"70000\"]}}]}]}", "is not a port"},
      {"{rules: [{to: [{operation: {ports: [http]}}]}]}", "is not a port"},
      {"{rules: [{to: [{operation: {paths: [\"/{a}\"]}}]}]}", "braces are those"},
      {"{rules: [{to: [{operation: {paths: [\"/{**}/{*}\"]}}]}]}", "is the last template"},
      {"{rules: [{when: [{values: [a]}]}]}", "\"key\" is missing"},
      {"{rules: [{when: [{key: source.ip}]}]}", "neither values nor notValues"},
      {"{rules: [{when: [{key: source.ip, values: [a]}]}]}", "an IP address"},
      {"{rules: [{when: [{key: request.headers, values: [a]}]}]}", "no attribute"},
      {"{rules: [{when: [{key: \"request.headers[]\", values: [a]}]}]}", "no attribute"},
      {"{rules: [{when: [{key: source.user, values: [a]}]}]}", "no attribute"},
      {"{provider: {name: p}, rules: [{}]}", "of the action CUSTOM only"},
      {"{action: CUSTOM, rules: [{}]}", "\"provider\" is missing"},
      {"{selector: {matchLabels: {a: b}}, targetRefs: [{kind: Gateway, name: g}]}",
       "excludes targetRefs"},
      {"{rulez: []}", "error: AuthorizationPolicy default/test spec"},
      {"{rules: [{from: [{source: {newField: [a]}}]}]}", "newField"},
  };
  for (const auto& row : rows) {
    const LoadResult result = LoadText(Security("AuthorizationPolicy", row.spec), "f");
    EXPECT_FALSE(result.ok()) << row.spec;
    EXPECT_TRUE(Contains(ToText(result.problems), row.problem))
        << row.spec << ": " << ToText(result.problems);
  }
  EXPECT_TRUE(Contains(ProblemsOf(Security("AuthorizationPolicy", "{}", "{istio.io/dry-run: a}")),
                       "neither true nor false"));
  EXPECT_TRUE(Contains(ProblemsOf(Security("AuthorizationPolicy", "{action: AUDIT, rules: [{}]}",
                                           "{istio.io/dry-run: \"true\"}")),
                       "ALLOW and DENY only"));
}

TEST(DecodeSecurityTest, NamesWhatNothingEnforces) {
  const struct {
    const char* rule;
    const char* field;
  } rows[] = {
      {"from: [{source: {requestPrincipals: [a]}}]",
       "spec.rules[1].from[0].source.requestPrincipals"},
      {"from: [{source: {notRequestPrincipals: [a]}}]",
       "spec.rules[1].from[0].source.requestPrincipals"},
      {"when: [{key: source.ip, values: [1.1.1.1]}, {key: \"request.auth.claims[a]\", values: "
       "[a]}]",
       "spec.rules[1].when[1].key"},
      {"when: [{key: request.auth.principal, notValues: [a]}]", "spec.rules[1].when[0].key"},
      {"when: [{key: \"experimental.envoy.filters.a[b]\", values: [a]}]",
       "spec.rules[1].when[0].key"},
  };
  for (const auto& row : rows) {
    const auto policy = ManifestOf(Security("AuthorizationPolicy",
                                            "{rules: [{}, {" + std::string(row.rule) + "}]}"))
                            .authorization_policies.at(0);
    EXPECT_EQ(policy.unenforced_field, row.field) << row.rule;
  }
}

TEST(DecodeSecurityTest, WarnsOfCustomAndTargets) {
  EXPECT_TRUE(Contains(ProblemsOf(Security("AuthorizationPolicy",
                                           "{action: CUSTOM, provider: {name: p}, rules: [{}]}")),
                       "warning: AuthorizationPolicy default/test spec.action: CUSTOM is not"));
  const std::string text =
      Security("AuthorizationPolicy", "{targetRefs: [{kind: Gateway, name: g}], rules: [{}]}");
  EXPECT_TRUE(Contains(ProblemsOf(text), "applies to no workload"));
  EXPECT_TRUE(ManifestOf(text).authorization_policies.at(0).has_targets);
}

TEST(DecodeSecurityTest, ReadsPeerAuthentications) {
  const PeerAuthentication policy =
      ManifestOf(Security("PeerAuthentication",
                          "{selector: {matchLabels: {app: a}}, mtls: {mode: STRICT}, "
                          "portLevelMtls: {8080: {mode: DISABLE}, 8081: {}}}"))
          .peer_authentications.at(0);
  using Mode = PeerAuthentication::Mode;
  EXPECT_EQ(policy.selector.at("app"), "a");
  EXPECT_EQ(policy.mode, Mode::kStrict);
  EXPECT_EQ(policy.port_modes,
            (std::map<uint32_t, Mode>{{8080, Mode::kDisable}, {8081, Mode::kUnset}}));
  EXPECT_EQ(ManifestOf(Security("PeerAuthentication", "{}")).peer_authentications.at(0).mode,
            Mode::kUnset);
}

TEST(DecodeSecurityTest, RefusesPeerAuthenticationsThatIstioRefuses) {
  const struct {
    const char* spec;
    const char* problem;
  } rows[] = {
      {"{mtls: {mode: MUTUAL}}", "STRICT"},
      {"{portLevelMtls: {80: {mode: STRICT}}}", "is for workloads"},
      {"{selector: {matchLabels: {a: b}}, portLevelMtls: {}}", "at least one port"},
      {"{selector: {matchLabels: {a: b}}, portLevelMtls: {70000: {mode: STRICT}}}", "not a port"},
      {"{selector: {matchLabels: {a: b}}, portLevelMtls: {http: {mode: STRICT}}}", "not a port"},
      {"{mTLS: {mode: STRICT}}", "error: PeerAuthentication default/test"},
  };
  for (const auto& row : rows) {
    EXPECT_TRUE(Contains(ProblemsOf(Security("PeerAuthentication", row.spec)), row.problem))
        << row.spec << ": " << ProblemsOf(Security("PeerAuthentication", row.spec));
  }
}

}  // namespace
}  // namespace meshlib::manifest
