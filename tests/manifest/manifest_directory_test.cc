// SPDX-License-Identifier: Apache-2.0
#include "manifest/manifest_directory.h"

#include <gtest/gtest.h>

#include "load_text.h"
#include "temp_directory.h"

namespace meshlib::manifest {
namespace {

std::string NamespaceText(const std::string& name) {
  return "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: " + name + "\n";
}

constexpr char kPolicy[] =
    "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata:\n  name: p\nspec: "
    "{}\n";

class ManifestDirectoryTest : public ::testing::Test {
 protected:
  // The names of all Namespaces, in order.
  std::string Names() const {
    std::string names;
    for (const Namespace& object : files_.manifest()->namespaces) names += object.meta.name;
    return names;
  }

  TempDirectory directory_;
  ManifestDirectory files_{directory_.path(), {}};
};

TEST_F(ManifestDirectoryTest, AppliesWhatChanges) {
  directory_.Write("a.yaml", NamespaceText("a"));
  ASSERT_TRUE(files_.Start().ok());
  EXPECT_EQ(Names(), "a");
  EXPECT_FALSE(files_.Reload().manifest_changed);

  directory_.Write("b.yaml", NamespaceText("b"));
  directory_.Write("a.yaml", NamespaceText("c"));
  EXPECT_TRUE(files_.Reload().manifest_changed);
  EXPECT_EQ(Names(), "cb");

  directory_.Remove("a.yaml");
  EXPECT_TRUE(files_.Reload().manifest_changed);
  EXPECT_EQ(Names(), "b");
}

TEST_F(ManifestDirectoryTest, ABrokenFileKeepsItsLastGoodState) {
  directory_.Write("a.yaml", NamespaceText("a"));
  directory_.Write("b.yaml", NamespaceText("b"));
  ASSERT_TRUE(files_.Start().ok());

  directory_.Write("a.yaml", NamespaceText("c") + "  labels: {x: [\n");
  directory_.Write("b.yaml", NamespaceText("d"));
  const ManifestDirectory::Change broken = files_.Reload();
  EXPECT_TRUE(broken.manifest_changed);
  EXPECT_EQ(Names(), "ad");
  ASSERT_EQ(broken.new_problems.size(), 1u);
  EXPECT_EQ(broken.new_problems.front().place.file, directory_.At("a.yaml"));
  EXPECT_GT(broken.new_problems.front().place.position.line, 0);

  const ManifestDirectory::Change same = files_.Reload();
  EXPECT_TRUE(same.new_problems.empty());
  EXPECT_EQ(same.problems.size(), 1u);

  directory_.Write("a.yaml", NamespaceText("c"));
  const ManifestDirectory::Change mended = files_.Reload();
  EXPECT_TRUE(mended.manifest_changed);
  EXPECT_TRUE(mended.problems.empty());
  EXPECT_EQ(Names(), "cd");
}

TEST_F(ManifestDirectoryTest, OneBadObjectKeepsTheWholeFile) {
  directory_.Write("a.yaml", NamespaceText("a"));
  ASSERT_TRUE(files_.Start().ok());
  directory_.Write("a.yaml", NamespaceText("b") + "---\n" + NamespaceText("UPPER"));
  EXPECT_FALSE(files_.Reload().manifest_changed);
  EXPECT_EQ(Names(), "a");
}

TEST_F(ManifestDirectoryTest, AFileThatWasNeverGoodContributesItsGoodObjects) {
  directory_.Write("a.yaml", NamespaceText("a") + "---\n" + NamespaceText("UPPER"));
  ASSERT_TRUE(files_.Start().ok());
  EXPECT_EQ(Names(), "a");
  EXPECT_TRUE(HasErrors(files_.problems()));
}

TEST_F(ManifestDirectoryTest, AnObjectThatAnotherFileHasIsTheFaultOfTheNewcomer) {
  directory_.Write("b.yaml", NamespaceText("b"));
  directory_.Write("a.yaml", NamespaceText("a"));
  ASSERT_TRUE(files_.Start().ok());
  directory_.Write("a.yaml", NamespaceText("b") + "---\n" + NamespaceText("c"));
  const ManifestDirectory::Change change = files_.Reload();
  EXPECT_FALSE(change.manifest_changed);
  EXPECT_EQ(Names(), "ab");
  ASSERT_EQ(change.new_problems.size(), 1u);
  EXPECT_TRUE(Contains(change.new_problems.front().ToString(), directory_.At("a.yaml")));
  EXPECT_TRUE(Contains(change.new_problems.front().ToString(), directory_.At("b.yaml")));

  // Once the other file lets go of it, the newcomer is applied as it stands.
  directory_.Write("b.yaml", NamespaceText("d"));
  EXPECT_TRUE(files_.Reload().manifest_changed);
  EXPECT_EQ(Names(), "bcd");
}

TEST_F(ManifestDirectoryTest, ObjectsMayMoveBetweenFiles) {
  directory_.Write("a.yaml", NamespaceText("a") + "---\n" + NamespaceText("m"));
  directory_.Write("b.yaml", NamespaceText("b"));
  ASSERT_TRUE(files_.Start().ok());
  directory_.Write("a.yaml", NamespaceText("a"));
  directory_.Write("b.yaml", NamespaceText("b") + "---\n" + NamespaceText("m"));
  EXPECT_TRUE(files_.Reload().problems.empty());
  EXPECT_EQ(Names(), "abm");
}

TEST_F(ManifestDirectoryTest, EverythingStaysWhenTheDirectoryIsGoneOrEmpty) {
  directory_.Write("a.yaml", NamespaceText("a"));
  ASSERT_TRUE(files_.Start().ok());
  directory_.Remove("a.yaml");
  EXPECT_FALSE(files_.Reload().manifest_changed);
  EXPECT_EQ(Names(), "a");
  directory_.Remove("");
  const ManifestDirectory::Change gone = files_.Reload();
  EXPECT_TRUE(HasErrors(gone.new_problems));
  EXPECT_EQ(Names(), "a");
}

TEST_F(ManifestDirectoryTest, ADirectoryThatIsMissingOrEmptyDoesNotStart) {
  EXPECT_EQ(files_.Start().code(), absl::StatusCode::kNotFound);
  ManifestDirectory none(directory_.At("none"), {});
  EXPECT_EQ(none.Start().code(), absl::StatusCode::kNotFound);
}

TEST_F(ManifestDirectoryTest, WhatIsNotEnforcedIsRefused) {
  directory_.Write("p.yaml", kPolicy);
  const absl::Status refused = files_.Start();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Contains(std::string(refused.message()), "RequestAuthentication default/p"));

  ManifestDirectory allowing(directory_.path(), {.allow_unenforced = {"RequestAuthentication"}});
  EXPECT_TRUE(allowing.Start().ok());
  ASSERT_EQ(allowing.problems().size(), 1u);
  EXPECT_EQ(allowing.problems().front().severity, Severity::kWarning);
}

TEST_F(ManifestDirectoryTest, AFileThatAddsWhatIsNotEnforcedIsNotApplied) {
  directory_.Write("a.yaml", NamespaceText("a"));
  ASSERT_TRUE(files_.Start().ok());
  directory_.Write("a.yaml", NamespaceText("b") + "---\n" + kPolicy);
  directory_.Write("c.yaml", NamespaceText("c") + "---\n" + kPolicy);
  EXPECT_TRUE(HasErrors(files_.Reload().new_problems));
  EXPECT_EQ(Names(), "a");
}

// A policy that is left out would leave open what it closes.
TEST_F(ManifestDirectoryTest, ABrokenFileWithPoliciesDoesNotStart) {
  const std::string head = "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n";
  for (const std::string& rest : {std::string("metadata: {name: p}\nspec: {action: NONE}\n"),
                                  std::string("metadata: {name: p}\nspec: {rules: [\n"),
                                  std::string("metadata: {name: p}\nspec: {unknown: 1}\n")}) {
    directory_.Write("p.yaml", head + rest);
    ManifestDirectory files(directory_.path(), {});
    EXPECT_EQ(files.Start().code(), absl::StatusCode::kFailedPrecondition) << rest;
  }
}

TEST_F(ManifestDirectoryTest, TheSamePolicyTwiceDoesNotStart) {
  const std::string policy =
      "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p}\n";
  directory_.Write("a.yaml", policy + "spec: {rules: [{}]}\n");
  directory_.Write("b.yaml", policy + "spec: {}\n");
  EXPECT_EQ(files_.Start().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ManifestDirectoryTest, ABrokenPolicyKeepsItsLastGoodState) {
  const std::string policy =
      "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p}\n";
  directory_.Write("a.yaml", policy + "spec: {}\n");
  ASSERT_TRUE(files_.Start().ok());
  directory_.Write("a.yaml", policy + "spec: {action: NONE}\n");
  EXPECT_TRUE(HasErrors(files_.Reload().new_problems));
  EXPECT_EQ(files_.manifest()->authorization_policies.size(), 1u);
}

// It says who is of the mesh.
TEST_F(ManifestDirectoryTest, ABrokenTrustDomainDoesNotStartAndKeepsItsLastGoodState) {
  const std::string config =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\n"
      "data: {mesh: 'trustDomain: ";
  directory_.Write("mesh.yaml", config + "a/b'}\n");
  EXPECT_EQ(files_.Start().code(), absl::StatusCode::kFailedPrecondition);
  directory_.Write("mesh.yaml", config + "td.example'}\n");
  ManifestDirectory files(directory_.path(), {});
  ASSERT_TRUE(files.Start().ok());
  directory_.Write("mesh.yaml", config + "a/b'}\n");
  EXPECT_TRUE(HasErrors(files.Reload().new_problems));
  EXPECT_EQ(files.manifest()->mesh_configs.at(0).trust_domain, "td.example");
}

TEST_F(ManifestDirectoryTest, PartsOfPoliciesThatNothingEnforcesAreRefused) {
  directory_.Write("p.yaml",
                   "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n"
                   "metadata: {name: p}\nspec: {rules: [{when: [{key: request.auth.principal, "
                   "values: [a]}]}]}\n");
  const absl::Status refused = files_.Start();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Contains(std::string(refused.message()), "spec.rules[0].when[0].key"));
  ManifestDirectory allowing(directory_.path(), {.allow_unenforced = {"AuthorizationPolicy"}});
  EXPECT_TRUE(allowing.Start().ok());
}

}  // namespace
}  // namespace meshlib::manifest
