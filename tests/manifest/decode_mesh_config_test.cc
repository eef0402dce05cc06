// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "load_text.h"

namespace meshlib::manifest {
namespace {

// The ConfigMap with `lines` as its MeshConfig.
std::string MeshText(const std::string& lines, const std::string& name_space = "istio-system") {
  std::string text =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: " + name_space +
      "}\ndata:\n  meshNetworks: 'networks: {}'\n  mesh: |-\n    ";
  for (const char c : lines) text += c == '\n' ? std::string("\n    ") : std::string(1, c);
  return text + "\n";
}

TEST(DecodeMeshConfigTest, ReadsTheTrustDomainAndItsAliases) {
  const LoadResult result =
      LoadText(MeshText("trustDomain: td.example\ntrustDomainAliases: [old.example]"), "f");
  EXPECT_TRUE(result.problems.empty()) << ToText(result.problems);
  const MeshConfig config = result.manifest.mesh_configs.at(0);
  EXPECT_EQ(config.trust_domain, "td.example");
  EXPECT_EQ(config.trust_domain_aliases, std::vector<std::string>{"old.example"});
}

TEST(DecodeMeshConfigTest, WhatAnInstallationHasByItselfIsNoWarning) {
  const LoadResult result = LoadText(
      MeshText("defaultConfig:\n  discoveryAddress: istiod.istio-system.svc:15012\n"
               "defaultProviders:\n  metrics:\n  - prometheus\nenablePrometheusMerge: true\n"
               "rootNamespace: istio-system\ntrustDomain: cluster.local"),
      "f");
  EXPECT_EQ(result.manifest.mesh_configs.size(), 1u);
  for (const Problem& problem : result.problems) EXPECT_EQ(problem.severity, Severity::kNote);
  EXPECT_EQ(result.problems.size(), 4u) << ToText(result.problems);
}

TEST(DecodeMeshConfigTest, OtherFieldsAreReportedAsIgnored) {
  EXPECT_EQ(ProblemsOf(MeshText("outboundTrafficPolicy: {mode: REGISTRY_ONLY}\n"
                                "rootNamespace: elsewhere")),
            "f:6:9: warning: ConfigMap istio-system/istio data.mesh.outboundTrafficPolicy: is not "
            "supported and ignored\n"
            "f:6:9: warning: ConfigMap istio-system/istio data.mesh.rootNamespace: is not "
            "supported and ignored\n");
}

TEST(DecodeMeshConfigTest, BadInputIsAnErrorOfTheMap) {
  const struct {
    const char* lines;
    const char* problem;
  } rows[] = {
      {"trustDomain: 'spiffe://td'", "\"spiffe://td\" is not a trust domain"},
      {"trustDomain: ''", "\"\" is not a trust domain"},
      {"trustDomain: TD.example", "is not a trust domain"},
      {"trustDomain: td..example", "is not a trust domain"},
      {"trustDomain: '*.example'", "is not a trust domain"},
      {"trustDomain: 5", "data.mesh.trustDomain"},
      {"trustDomainAliases: [a, b/c]", "data.mesh.trustDomainAliases[1]: \"b/c\" is not a trust"},
      {"trustDomainAliases: a", "where a list belongs"},
      {"trustDomain: [", "line 1 of it"},
      {"- a", "is a list where"},
      {"a: 1\n---\nb: 1", "more than one document"},
  };
  for (const auto& row : rows) {
    const LoadResult result = LoadText(MeshText(row.lines), "f");
    EXPECT_FALSE(result.ok()) << row.lines;
    EXPECT_TRUE(result.manifest.mesh_configs.empty()) << row.lines;
    EXPECT_TRUE(Contains(ToText(result.problems), row.problem)) << ToText(result.problems);
  }
}

TEST(DecodeMeshConfigTest, AnEmptyOneSaysNothing) {
  EXPECT_EQ(LoadText(MeshText(""), "f").manifest.mesh_configs.at(0).trust_domain, std::nullopt);
}

TEST(DecodeMeshConfigTest, OfOtherNamespacesItIsAMapLikeAnyOther) {
  const LoadResult result = LoadText(MeshText("trustDomain: td.example", "default"), "f");
  EXPECT_TRUE(result.manifest.mesh_configs.empty());
  EXPECT_EQ(ToText(result.problems), "f:1:1: note: kind ConfigMap (v1) is not read\n");
}

TEST(DecodeMeshConfigTest, ThereIsOneOnly) {
  const std::string one = MeshText("trustDomain: td.example");
  EXPECT_TRUE(Contains(ProblemsOf(one + "---\n" + one), "is there twice"));
}

}  // namespace
}  // namespace meshlib::manifest
