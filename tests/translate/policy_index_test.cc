// SPDX-License-Identifier: Apache-2.0
#include "translate/policy_index.h"

#include <gtest/gtest.h>

#include <string>

#include "manifest/load.h"

namespace meshlib::translate {
namespace {

std::string Peer(const std::string& name_space, const std::string& spec,
                 const std::string& name = "default", const std::string& meta = "") {
  return "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: " +
         name + ", namespace: " + name_space + meta + "}\nspec: " + spec + "\n";
}

TEST(PolicyIndexTest, TheMostParticularPeerAuthenticationCounts) {
  const std::string mesh_strict = Peer("istio-system", "{mtls: {mode: STRICT}}");
  const std::string app = "{selector: {matchLabels: {app: a}}, ";
  const struct {
    const char* name;
    std::string text;
    MtlsMode mode;
  } rows[] = {
      {"none", "", MtlsMode::kPermissive},
      {"of the mesh", mesh_strict, MtlsMode::kStrict},
      {"of the mesh, unset", Peer("istio-system", "{}"), MtlsMode::kPermissive},
      {"of another namespace", Peer("other", "{mtls: {mode: STRICT}}"), MtlsMode::kPermissive},
      {"of the namespace", mesh_strict + Peer("default", "{mtls: {mode: DISABLE}}"),
       MtlsMode::kDisable},
      {"of the namespace, unset", mesh_strict + Peer("default", "{mtls: {mode: UNSET}}"),
       MtlsMode::kStrict},
      {"of the workload",
       mesh_strict + Peer("default", "{mtls: {mode: DISABLE}}") +
           Peer("default", app + "mtls: {mode: PERMISSIVE}}", "w"),
       MtlsMode::kPermissive},
      {"of the workload, unset", mesh_strict + Peer("default", app + "mtls: {}}", "w"),
       MtlsMode::kStrict},
      {"of another workload",
       Peer("default", "{selector: {matchLabels: {app: b}}, mtls: {mode: STRICT}}", "w"),
       MtlsMode::kPermissive},
      {"of the port", mesh_strict + Peer("default", app + "portLevelMtls: {80: {mode: DISABLE}}}"),
       MtlsMode::kDisable},
      {"of another port",
       mesh_strict + Peer("default", app + "portLevelMtls: {81: {mode: DISABLE}}}"),
       MtlsMode::kStrict},
      {"of the port, unset",
       Peer("default", app + "mtls: {mode: STRICT}, portLevelMtls: {80: {mode: UNSET}}}"),
       MtlsMode::kStrict},
      {"of a workload in the root namespace",
       Peer("istio-system", app + "mtls: {mode: STRICT}}", "w"), MtlsMode::kPermissive},
      {"the oldest of a level",
       Peer("default", "{mtls: {mode: DISABLE}}", "b",
            ", creationTimestamp: \"2024-05-01T10:00:00Z\"") +
           Peer("default", "{mtls: {mode: STRICT}}", "a",
                ", creationTimestamp: \"2024-05-02T10:00:00Z\""),
       MtlsMode::kDisable},
  };
  for (const auto& row : rows) {
    const manifest::LoadResult loaded = manifest::LoadText(row.text, "f");
    EXPECT_TRUE(loaded.ok()) << row.name << ToText(loaded.problems);
    const PolicyIndex index(loaded.manifest);
    EXPECT_EQ(index.Mtls("default", {{"app", "a"}}, 80), row.mode) << row.name;
  }
}

}  // namespace
}  // namespace meshlib::translate
