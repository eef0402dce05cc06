// SPDX-License-Identifier: Apache-2.0
// Who may call: AuthorizationPolicies of YAML, asked by a server of the mesh for each request.

#include <gtest/gtest.h>

#include "integration/self_caller.h"

namespace meshlib::integration {
namespace {

std::string PolicyYaml(const std::string& name, const std::string& spec) {
  return "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: " +
         name + "}\nspec: " + spec + "\n";
}

// A server "guarded" of the mesh that tells the paths it is called with.
class AuthorizationTest : public SelfCaller {
 protected:
  void SetUp() override {
    directory_.Write("service.yaml", ServiceYaml("guarded"));
    MeshOptions options = OptionsOf("guarded", "127.0.41.1");
    options.service_account = "guarded";
    ASSERT_NO_FATAL_FAILURE(Start(std::move(options), [](const HttpRequest& request) {
      return HttpResponse::Text(200, "served " + request.url);
    }));
    AwaitAnswer("/", "served /");
  }

  std::string Ask(const std::string& path, const std::string& method = "GET",
                  const Headers& headers = {}) {
    HttpRequest request;
    request.method = method;
    request.url = "http://guarded" + path;
    request.headers = headers;
    const auto response = mesh_->http().Call(request);
    if (!response.ok()) return std::string(response.status().message());
    return response->status == 200 ? response->body
                                   : std::to_string(response->status) + " " + response->body;
  }

  void AwaitAnswer(const std::string& path, const std::string& answer) {
    AwaitThat(path + " is " + answer, [&] { return Ask(path) == answer; });
  }
};

constexpr const char* kRefused = "403 RBAC: access denied";

TEST_F(AuthorizationTest, APolicyWithoutRulesClosesAServer) {
  directory_.Write("policy.yaml", PolicyYaml("nothing", "{}"));
  AwaitAnswer("/", kRefused);
  directory_.Write("policy.yaml", PolicyYaml("nothing", "{rules: [{}]}"));
  AwaitAnswer("/", "served /");
}

TEST_F(AuthorizationTest, DenyGoesBeforeAllow) {
  directory_.Write("policy.yaml",
                   PolicyYaml("deny",
                              "{action: DENY, rules: [{to: [{operation: {paths: "
                              "[\"/admin*\"]}}]}]}") +
                       PolicyYaml("allow", "{rules: [{to: [{operation: {methods: [GET]}}]}]}"));
  AwaitAnswer("/admin/users", kRefused);
  EXPECT_EQ(Ask("/reviews"), "served /reviews");
  EXPECT_EQ(Ask("/reviews", "DELETE"), kRefused);
  EXPECT_TRUE(log_.Contain("ns[default]-policy[deny]-rule[0]")) << log_.text();
}

// Row 12 of the bad inputs: what is authorized is what the handler is given.
TEST_F(AuthorizationTest, BadInput12_NoOtherSpellingOfAPathGetsThrough) {
  directory_.Write("policy.yaml", PolicyYaml("deny",
                                             "{action: DENY, rules: [{to: [{operation: {paths: "
                                             "[/admin, \"/admin/*\"]}}]}]}"));
  AwaitAnswer("/admin", kRefused);
  for (const char* path :
       {"/public/../admin", "/%61dmin", "/x/..;a=b/admin", "/%2e%2e/admin", "/./admin/x",
        "/public/%2E%2e/admin", "/admin?x=/public", "/%61dmin/%78"}) {
    EXPECT_EQ(Ask(path), kRefused) << path;
  }
  // Other resources, by their names alone.
  EXPECT_EQ(Ask("/admin;x=y"), "served /admin;x=y");
  EXPECT_EQ(Ask("/x%2f..%2fadmin"), "served /x%2f..%2fadmin");
}

TEST_F(AuthorizationTest, HeadersAreMatchedValueByValue) {
  directory_.Write("policy.yaml", PolicyYaml("deny",
                                             "{action: DENY, rules: [{when: [{key: "
                                             "\"request.headers[x-role]\", values: [guest]}]}]}") +
                                      PolicyYaml("probe",
                                                 "{action: DENY, rules: [{to: [{operation: {paths: "
                                                 "[/probe]}}]}]}"));
  AwaitAnswer("/probe", kRefused);
  EXPECT_EQ(Ask("/", "GET", {{"x-role", "admin"}}), "served /");
  EXPECT_EQ(Ask("/", "GET", {{"x-role", "admin"}, {"x-role", "guest"}}), kRefused);
}

TEST_F(AuthorizationTest, PeersAreKnownByTheirCertificates) {
  directory_.Write("mtls.yaml", R"(
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: guarded}
spec: {host: guarded, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
)");
  const struct {
    const char* source;
    bool allowed;
  } rows[] = {
      {"principals: [cluster.local/ns/default/sa/productpage]", false},
      {"principals: [cluster.local/ns/default/sa/guarded]", true},
      {"namespaces: [other]", false},
      {"namespaces: [\"def*\"]", true},
      {"serviceAccounts: [guard]", false},
      {"serviceAccounts: [default/guarded]", true},
      {"notPrincipals: [\"*/sa/guarded\"]", false},
      {"principals: [\"*\"]", true},
  };
  for (const auto& row : rows) {
    directory_.Write("policy.yaml", PolicyYaml("allow", "{rules: [{from: [{source: {" +
                                                            std::string(row.source) + "}}]}]}"));
    AwaitAnswer("/", row.allowed ? "served /" : kRefused);
  }
}

TEST_F(AuthorizationTest, DryRunsAndAuditsLetEverythingThrough) {
  directory_.Write(
      "policy.yaml",
      "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: dry, "
      "annotations: {istio.io/dry-run: \"true\"}}\nspec: {action: DENY, rules: [{}]}\n" +
          PolicyYaml("audit", "{action: AUDIT, rules: [{}]}") +
          PolicyYaml("probe", "{action: DENY, rules: [{to: [{operation: {paths: [/probe]}}]}]}"));
  AwaitAnswer("/probe", kRefused);
  EXPECT_EQ(Ask("/"), "served /");
}

TEST_F(AuthorizationTest, AnExternalAuthorizationIsRefusal) {
  directory_.Write("policy.yaml", PolicyYaml("custom",
                                             "{action: CUSTOM, provider: {name: opa}, rules: [{to: "
                                             "[{operation: {paths: [\"/ask/*\"]}}]}]}"));
  AwaitAnswer("/ask/me", kRefused);
  EXPECT_EQ(Ask("/"), "served /");
}

TEST_F(AuthorizationTest, ABrokenPolicyKeepsWhatItSaidBefore) {
  directory_.Write("policy.yaml", PolicyYaml("nothing", "{}"));
  AwaitAnswer("/", kRefused);
  directory_.Write("policy.yaml", PolicyYaml("nothing", "{rules: [{frm: []}]}"));
  AwaitThat("the mistake is told", [&] { return log_.Contain("frm"); });
  EXPECT_EQ(Ask("/"), kRefused);
}

}  // namespace
}  // namespace meshlib::integration
