// SPDX-License-Identifier: Apache-2.0
#include "manifest/check.h"

#include <gtest/gtest.h>

#include "load_text.h"
#include "temp_directory.h"

namespace meshlib::manifest {
namespace {

// A mesh without a mistake, which each case adds one to.
constexpr char kGood[] = R"(
apiVersion: v1
kind: Service
metadata: {name: reviews}
spec: {selector: {app: reviews}, ports: [{name: http, port: 9080}]}
---
apiVersion: v1
kind: Service
metadata: {name: ratings, namespace: shop}
spec: {ports: [{name: http, port: 9080}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: reviews}
spec: {host: reviews, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec: {servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*.example.com"]}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api}
spec: {hosts: ["*.api.com"], ports: [{number: 443, name: https, protocol: HTTPS}]}
---
)";

std::string Checked(const std::string& text, const CheckOptions& options = {}) {
  const LoadResult result = LoadText(kGood + text, "f");
  EXPECT_TRUE(result.ok()) << ToText(result.problems);
  return ToText(Check(result.manifest, options));
}

std::string Routes(const std::string& http) {
  return IstioObject("VirtualService", "{hosts: [reviews], http: [" + http + "]}");
}

TEST(CheckTest, AGoodMeshHasNoProblems) {
  EXPECT_EQ(Checked(""), "");
  EXPECT_EQ(Checked(IstioObject("VirtualService", R"({
      hosts: [shop.example.com], gateways: [edge], http: [
        {match: [{uri: {prefix: /a}}], route: [{destination: {host: reviews, subset: v1}, weight: 80},
                                              {destination: {host: reviews, subset: v2}, weight: 20}]},
        {route: [{destination: {host: ratings.shop.svc.cluster.local, port: {number: 9080}}}],
         mirror: {host: eu.api.com}}]})")),
            "");
}

struct Mistake {
  const char* name;
  std::string text;
  const char* problem;
};

class CheckMistakeTest : public ::testing::TestWithParam<Mistake> {};

TEST_P(CheckMistakeTest, IsReported) {
  const std::string problems = Checked(GetParam().text);
  EXPECT_TRUE(Contains(problems, GetParam().problem)) << problems;
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes, CheckMistakeTest,
    ::testing::ValuesIn<Mistake>({
        {"UnknownHost", Routes("{route: [{destination: {host: reveiws}}]}"),
         "error: VirtualService default/test spec.http[0].route[0]: host "
         "\"reveiws.default.svc.cluster.local\" does not exist, did you mean "
         "\"reviews.default.svc.cluster.local\"?"},
        {"HalfHost", Routes("{route: [{destination: {host: ratings.shop}}]}"),
         "did you mean \"ratings.shop.svc.cluster.local\"?"},
        {"OtherNamespace", Routes("{route: [{destination: {host: ratings}}]}"), "does not exist"},
        {"UnknownOwnHost",
         IstioObject("VirtualService", "{hosts: [reviws], http: [{redirect: {uri: /}}]}"),
         "warning: VirtualService default/test spec.hosts: no Service or ServiceEntry has host "
         "\"reviws.default.svc.cluster.local\", did you mean "
         "\"reviews.default.svc.cluster.local\"?"},
        {"UnknownMirror", Routes("{route: [{destination: {host: reviews}}], mirror: {host: x}}"),
         "spec.http[0].mirror: host \"x.default.svc.cluster.local\" does not exist"},
        {"UnknownSubset", Routes("{route: [{destination: {host: reviews, subset: v11}}]}"),
         "error: VirtualService default/test spec.http[0].route[0]: subset \"v11\" of "
         "\"reviews.default.svc.cluster.local\" is in no DestinationRule, did you mean \"v1\"?"},
        {"UnknownPort", Routes("{route: [{destination: {host: reviews, port: {number: 80}}}]}"),
         "has no port 80; it has 9080"},
        {"UnknownGateway",
         IstioObject("VirtualService",
                     "{hosts: [a.example.com], gateways: [egde], http: [{redirect: "
                     "{uri: /}}]}"),
         "error: VirtualService default/test spec.gateways: Gateway default/egde does not exist, "
         "did you "
         "mean \"default/edge\"?"},
        {"GatewayWithoutHost",
         IstioObject("VirtualService",
                     "{hosts: [a.example.org], gateways: [edge], http: [{redirect: "
                     "{uri: /}}]}"),
         "warning: VirtualService default/test spec.hosts: no server of Gateway default/edge takes "
         "\"a.example.org\""},
        {"UnknownRuleHost", IstioObject("DestinationRule", "{host: revews}"),
         "error: DestinationRule default/test spec.host: host \"revews.default.svc.cluster.local\" "
         "does "
         "not exist"},
        {"HiddenRoute",
         Routes("{route: [{destination: {host: reviews}}]}, {match: [{uri: {prefix: /a}}],"
                " route: [{destination: {host: reviews}}]}"),
         "warning: VirtualService default/test spec.http[1]: is never reached: http[0] in line"},
        {"HiddenMatch",
         Routes("{match: [{uri: {prefix: /a}}], redirect: {uri: /}}, {match: [{uri: "
                "{prefix: /b}}, {uri: {exact: /a/x}}], redirect: {uri: /}}"),
         "spec.http[1].match[1]: is never reached"},
        {"Weights",
         Routes("{route: [{destination: {host: reviews, subset: v1}, weight: 80}, "
                "{destination: {host: reviews, subset: v2}, weight: 10}]}"),
         "spec.http[0].route: the weights sum up to 90, not to 100"},
        {"SingleWeight", Routes("{route: [{destination: {host: reviews}, weight: 50}]}"),
         "weight 50 of a single destination has no effect"},
        {"Times",
         Routes("{route: [{destination: {host: reviews}}], timeout: 1s, retries: {attempts: 2, "
                "perTryTimeout: 2s}}"),
         "perTryTimeout is longer than timeout"},
        {"Delegate", Routes("{delegate: {name: none}}"),
         "spec.http[0].delegate: VirtualService default/none does not exist"},
        {"DelegateToItself", Routes("{delegate: {name: test}}"), "has hosts, so it is no delegate"},
        {"UnusedDelegate", IstioObject("VirtualService", "{http: [{redirect: {uri: /}}]}"),
         "nobody delegates to it"},
        {"TwoOwners",
         Routes("{redirect: {uri: /}}") + "---\n" +
             "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: "
             "other}\nspec: {hosts: [reviews], http: [{redirect: {uri: /}}]}\n",
         "is claimed by VirtualService default/test at f:"},
        {"SubsetOfNobody",
         "{apiVersion: apps/v1, kind: Deployment, metadata: {name: r}, spec: {template: {metadata: "
         "{labels: {app: reviews, version: v1}}, spec: {containers: [{name: c}]}}}}",
         "warning: DestinationRule default/reviews spec.subsets[v2]: its labels select none"},
        {"NamedTargetPort",
         "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {selector: {app: s}, ports: "
         "[{port: "
         "1, targetPort: web}]}}\n---\n{apiVersion: v1, kind: Pod, metadata: {name: p, labels: "
         "{app: s}},"
         " spec: {containers: [{name: c}]}}",
         "no workload of the service has a port named \"web\""},
        {"NotEnforced",
         "{apiVersion: security.istio.io/v1, kind: RequestAuthentication, metadata: {name: p}, "
         "spec: "
         "{}}",
         "error: RequestAuthentication default/p: is not enforced by meshlib yet"},
    }),
    [](const auto& row) { return row.param.name; });

TEST(CheckTest, SubsetsOfWildcardRulesCount) {
  EXPECT_EQ(
      Checked("{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: w}, "
              "spec: {host: '*.local', subsets: [{name: v3}]}}\n---\n" +
              Routes("{route: [{destination: {host: reviews, subset: v3}}]}")),
      "");
}

TEST(CheckTest, HundredsOfRoutesAreChecked) {
  std::string routes;
  for (int i = 0; i < 500; ++i) {
    routes += "{match: [{uri: {exact: /" + std::to_string(i) + "}}], redirect: {uri: /}}, ";
  }
  const std::string problems =
      Checked(Routes(routes + "{match: [{uri: {exact: /7}}], redirect: {uri: /}}"));
  EXPECT_TRUE(Contains(problems, "spec.http[500]: is never reached: http[7] in line")) << problems;
}

TEST(CheckTest, AllowedKindsAreWarningsOnly) {
  const std::string text =
      "{apiVersion: security.istio.io/v1, kind: RequestAuthentication, metadata: {name: p}, spec: "
      "{}}";
  EXPECT_TRUE(
      Contains(Checked(text, {.allow_unenforced = {"RequestAuthentication"}}), "warning: "));
}

TEST(CheckTest, AnUnknownFieldIsAnErrorAndDoesNotHideTheRest) {
  TempDirectory directory;
  directory.Write("a.yaml",
                  kGood + Routes("{route: [{destination: {host: reviews, subest: v1}, weight: "
                                 "-1}, {destination: {host: none}}]}"));
  const std::string problems = ToText(CheckPath(directory.path(), {}));
  EXPECT_TRUE(Contains(problems, "did you mean \"subset\"?")) << problems;
  EXPECT_TRUE(Contains(problems, "is not a whole number")) << problems;
  EXPECT_TRUE(Contains(problems, "host \"none.default.svc.cluster.local\" does not exist"))
      << problems;
  EXPECT_FALSE(Contains(problems, "warning")) << problems;
}

TEST(CheckTest, AMissingDirectoryIsAnError) {
  EXPECT_EQ(ToText(CheckPath("/nowhere/mesh", {})),
            "/nowhere/mesh: error: no such file or directory\n");
}

TEST(CheckTest, BookinfoHasNoProblems) {
  const std::string examples = std::string(MESHLIB_TEST_DATA) + "/../../../examples/";
  EXPECT_EQ(ToText(CheckPath(examples + "bookinfo/mesh", {})), "");
  EXPECT_EQ(ToText(CheckPath(examples + "quickstart/mesh", {})), "");
}

// Each scenario takes the place of one file of the mesh, or is a file more, and is right there.
TEST(CheckTest, BookinfosScenariosHaveNoProblems) {
  namespace fs = std::filesystem;
  const std::string bookinfo = std::string(MESHLIB_TEST_DATA) + "/../../../examples/bookinfo/";
  int scenarios = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(bookinfo + "mesh-scenarios")) {
    TempDirectory directory;
    fs::copy(bookinfo + "mesh", directory.path());
    const std::string name = entry.path().filename().string();
    const std::string routes = name.substr(0, name.find('-')) + "-routes.yaml";
    const std::string& place = fs::exists(directory.At(routes)) ? routes : name;
    fs::copy_file(entry.path(), directory.At(place), fs::copy_options::overwrite_existing);
    EXPECT_EQ(ToText(CheckPath(directory.path(), {})), "") << name;
    ++scenarios;
  }
  EXPECT_GE(scenarios, 6);
}

}  // namespace
}  // namespace meshlib::manifest
