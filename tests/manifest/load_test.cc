// SPDX-License-Identifier: Apache-2.0
#include "manifest/load.h"

#include <gtest/gtest.h>

#include "load_text.h"
#include "temp_directory.h"

namespace meshlib::manifest {
namespace {

std::string NamespaceText(const std::string& name) {
  return "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: " + name + "\n";
}

std::string ErrorOf(const LoadResult& result) {
  return result.problems.empty() ? "" : result.problems.front().ToString();
}

TEST(LoadTest, TheFixtureLoadsWithoutErrors) {
  const LoadResult result = LoadPath(std::string(MESHLIB_TEST_DATA) + "/productpage");
  EXPECT_TRUE(result.ok()) << ToText(result.problems);
  EXPECT_EQ(result.manifest.size(), 6u);
  ASSERT_EQ(result.problems.size(), 1u) << ToText(result.problems);
  EXPECT_EQ(result.problems.front().severity, Severity::kNote);
  EXPECT_TRUE(Contains(result.problems.front().text, "meshlib replaces it"));
  EXPECT_EQ(result.manifest.virtual_services.at(1).gateways.at(0), "istio-gateway");
}

TEST(LoadTest, ListsAndJsonAreRead) {
  const LoadResult list = LoadText(R"(
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Namespace, metadata: {name: a}}
- apiVersion: networking.istio.io/v1
  kind: WorkloadEntryList
  items: [{apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: w}, spec: {address: 1.2.3.4}}]
)",
                                   "f");
  EXPECT_TRUE(list.ok()) << ToText(list.problems);
  EXPECT_EQ(list.manifest.size(), 2u);
  const LoadResult json = LoadText(
      R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a","labels":{"v":"1"}}})", "f");
  EXPECT_TRUE(json.ok()) << ToText(json.problems);
  EXPECT_EQ(json.manifest.namespaces.at(0).meta.labels.at("v"), "1");
}

TEST(LoadTest, ABadObjectLeavesTheGoodOnes) {
  const LoadResult result = LoadText(NamespaceText("a") + "---\n" + NamespaceText("B") + "---\n" +
                                         NamespaceText("c") + "---\nkind: [\n",
                                     "f");
  EXPECT_EQ(result.manifest.namespaces.size(), 2u);
  EXPECT_EQ(result.problems.size(), 2u) << ToText(result.problems);
  EXPECT_EQ(LoadText(NamespaceText("B"), "f", {.keep_broken = true}).manifest.size(), 1u);
}

TEST(LoadTest, KindsThatAreNotReadAreListedOnce) {
  const std::string map = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
  const std::string filter =
      "---\napiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {name: a}\n";
  const std::string route =
      "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: a}\n";
  const std::string slip = "---\napiVersion: networking.istio.io/v1\nkind: VirtualSerivce\n";
  const LoadResult result = LoadText(map + map + filter + slip + route, "f");
  EXPECT_EQ(
      ToText(result.problems),
      "f:2:1: note: kind ConfigMap (v1) is not read\n"
      "f:10:1: warning: kind EnvoyFilter (networking.istio.io/v1alpha3) is not read\n"
      "f:14:1: warning: kind VirtualSerivce (networking.istio.io/v1) is not read; did you mean "
      "VirtualService?\n"
      "f:17:1: warning: kind Gateway (gateway.networking.k8s.io/v1) is not read\n");
}

TEST(LoadTest, AnEmptyTextHasNoObjects) {
  for (const char* text : {"", "\n", "# nothing\n", "---\n", "null\n"}) {
    EXPECT_TRUE(LoadText(text, "f").problems.empty()) << text;
  }
}

TEST(LoadTest, TwoObjectsOfOneNameAreAnErrorWithBothPlaces) {
  const LoadResult result = LoadText(NamespaceText("a") + "---\n" + NamespaceText("a"), "f");
  EXPECT_EQ(ErrorOf(result), "f:6:1: error: Namespace a: is there twice, first at f:1:1");
  EXPECT_EQ(result.manifest.size(), 1u);
}

TEST(LoadTest, ManyProblemsOfAnObjectAreCutShort) {
  std::string labels;
  for (int i = 0; i < 1000; ++i) labels += "l" + std::to_string(i) + ": 1, ";
  const LoadResult result = LoadText(
      "{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {" + labels + "}}}", "f");
  EXPECT_EQ(result.problems.size(), 50u);
}

TEST(LoadTest, AFileFullOfMistakesIsNotReadToItsEnd) {
  std::string text;
  for (int i = 0; i < 1100; ++i) text += "---\n" + NamespaceText("UPPER" + std::to_string(i));
  const LoadResult result = LoadText(text, "f");
  EXPECT_EQ(result.problems.size(), 1002u);
  EXPECT_TRUE(Contains(result.problems.back().text, "too many problems"));
}

TEST(LoadTest, ReadsDirectoriesInOrderAndNamesFiles) {
  TempDirectory directory;
  directory.Write("b.yaml", NamespaceText("b"));
  directory.Write("a/z.yml", NamespaceText("z"));
  directory.Write("c.json", R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"c"}})");
  directory.Write("notes.txt", "not: [yaml");
  directory.Write(".hidden.yaml", "not: [yaml");
  directory.Write("..data/x.yaml", "not: [yaml");
  const LoadResult result = LoadPath(directory.path());
  ASSERT_TRUE(result.ok()) << ToText(result.problems);
  ASSERT_EQ(result.manifest.namespaces.size(), 3u);
  EXPECT_EQ(result.manifest.namespaces[0].meta.name, "z");
  EXPECT_EQ(result.manifest.namespaces[0].meta.place.file, directory.At("a/z.yml"));
  EXPECT_LT(result.manifest.namespaces[1].meta.order, result.manifest.namespaces[2].meta.order);
}

TEST(LoadTest, FollowsTheLinksOfMountedConfigMapsAndEndsInCycles) {
  TempDirectory directory;
  directory.Write("..1/a.yaml", NamespaceText("a"));
  std::filesystem::create_directory_symlink("..1", directory.At("..data"));
  std::filesystem::create_symlink("..data/a.yaml", directory.At("a.yaml"));
  std::filesystem::create_directory_symlink(".", directory.At("again"));
  const LoadResult result = LoadPath(directory.path());
  EXPECT_TRUE(result.ok()) << ToText(result.problems);
  EXPECT_EQ(result.manifest.size(), 1u);
}

TEST(LoadTest, DuplicatesAcrossFilesNameBothPlaces) {
  TempDirectory directory;
  directory.Write("a.yaml", NamespaceText("a"));
  directory.Write("b.yaml", "# second\n" + NamespaceText("a"));
  EXPECT_EQ(ErrorOf(LoadPath(directory.path())),
            directory.At("b.yaml") + ":2:1: error: Namespace a: is there twice, first at " +
                directory.At("a.yaml") + ":1:1");
}

TEST(LoadTest, DirectoriesThatCannotBeReadAreErrors) {
  TempDirectory directory;
  EXPECT_EQ(ErrorOf(LoadPath(directory.At("none"))),
            directory.At("none") + ": error: no such file or directory");
  EXPECT_EQ(ErrorOf(LoadPath(directory.path())),
            directory.path() + ": error: no file *.yaml, *.yml or *.json");
  directory.Write("a.yaml", NamespaceText("a"));
  EXPECT_EQ(LoadPath(directory.At("a.yaml")).manifest.size(), 1u);
  EXPECT_EQ(ListFiles(directory.At("a.yaml/b")).status().code(), absl::StatusCode::kNotFound);
}

TEST(LoadTest, AFileThatIsTooLargeIsAnError) {
  TempDirectory directory;
  directory.Write("a.yaml", std::string(kMaxFileSize + 1, '#'));
  directory.Write("b.yaml", NamespaceText("b"));
  const LoadResult result = LoadPath(directory.path());
  EXPECT_EQ(ErrorOf(result), directory.At("a.yaml") + ": error: larger than 16 MiB");
  EXPECT_EQ(result.manifest.size(), 1u);
}

TEST(LoadTest, ProblemsAreWrittenAsJson) {
  const Problem problem{
      Severity::kWarning, {"a \"b\"\n", {3, 4}}, "Service x/y", "spec.ports[0]", "t\\"};
  EXPECT_EQ(ToJson({problem}),
            "[{\"severity\":\"warning\",\"file\":\"a \\\"b\\\"\\u000a\",\"line\":3,\"column\":4,"
            "\"object\":\"Service x/y\",\"field\":\"spec.ports[0]\",\"text\":\"t\\\\\"}]\n");
  EXPECT_EQ(ToJson(std::vector<Problem>()), "[]\n");
}

}  // namespace
}  // namespace meshlib::manifest
