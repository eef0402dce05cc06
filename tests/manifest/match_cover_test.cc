// SPDX-License-Identifier: Apache-2.0
#include "manifest/match_cover.h"

#include <gtest/gtest.h>

#include "load_text.h"

namespace meshlib::manifest {
namespace {

// The match that is written so in YAML.
HttpMatch MatchOf(const std::string& text) {
  const LoadResult result = LoadText(RouteWith("match: [" + text + "]"), "f");
  EXPECT_TRUE(result.ok()) << ToText(result.problems);
  return result.ok() ? result.manifest.virtual_services.at(0).http.at(0).match.at(0) : HttpMatch();
}

struct Row {
  const char* name;
  const char* earlier;
  const char* later;
  bool covers;
};

class MatchCoverTest : public ::testing::TestWithParam<Row> {};

TEST_P(MatchCoverTest, TellsWhetherAnythingIsLeft) {
  EXPECT_EQ(Covers(MatchOf(GetParam().earlier), MatchOf(GetParam().later), {}), GetParam().covers);
}

INSTANTIATE_TEST_SUITE_P(
    Matches, MatchCoverTest,
    ::testing::ValuesIn<Row>({
        {"NothingTakesAll", "{}", "{uri: {prefix: /a}}", true},
        {"RootTakesAllPaths", "{uri: {prefix: /}}", "{uri: {regex: '/x.*'}}", true},
        {"RootTakesNoUri", "{uri: {prefix: /}}", "{}", true},
        {"PrefixOfPrefix", "{uri: {prefix: /a}}", "{uri: {prefix: /ab}}", true},
        {"PrefixOfExact", "{uri: {prefix: /a}}", "{uri: {exact: /a/b}}", true},
        {"LongerPrefixFirst", "{uri: {prefix: /ab}}", "{uri: {prefix: /a}}", false},
        {"OtherPrefix", "{uri: {prefix: /a}}", "{uri: {prefix: /b}}", false},
        {"ExactOfExact", "{uri: {exact: /a}}", "{uri: {exact: /a}}", true},
        {"ExactOfPrefix", "{uri: {exact: /a}}", "{uri: {prefix: /a}}", false},
        {"RegexOfExact", "{uri: {regex: '/a.*'}}", "{uri: {exact: /abc}}", true},
        {"RegexOfOtherExact", "{uri: {regex: '/a.*'}}", "{uri: {exact: /b}}", false},
        {"SameRegex", "{uri: {regex: '/a+'}}", "{uri: {regex: '/a+'}}", true},
        {"PrefixOfRegex", "{uri: {prefix: /a}}", "{uri: {regex: '/abc'}}", false},
        {"AnyCaseTakesLower", "{uri: {prefix: /A}, ignoreUriCase: true}", "{uri: {exact: /ab}}",
         true},
        {"LowerOfAnyCase", "{uri: {prefix: /a}}", "{uri: {exact: /ab}, ignoreUriCase: true}",
         false},
        {"HeaderLeavesOthers", "{headers: {x: {exact: a}}}", "{}", false},
        {"LaterAsksMore", "{headers: {x: {exact: a}}}", "{headers: {x: {exact: a}, y: {}}}", true},
        {"OtherHeaderValue", "{headers: {x: {exact: a}}}", "{headers: {x: {exact: b}}}", false},
        {"PresenceTakesValues", "{headers: {x: {}}}", "{headers: {x: {exact: a}}}", true},
        {"ValueOfPresence", "{headers: {x: {exact: a}}}", "{headers: {x: {}}}", false},
        {"WithoutLeavesWith", "{withoutHeaders: {x: {}}}", "{}", false},
        {"BothWithout", "{withoutHeaders: {x: {exact: a}}}", "{withoutHeaders: {x: {}}}", true},
        {"WithoutMore", "{withoutHeaders: {x: {}}}", "{withoutHeaders: {x: {exact: a}}}", false},
        {"Query", "{queryParams: {q: {exact: '1'}}}", "{queryParams: {q: {exact: '1'}}}", true},
        {"PortOfOther", "{port: 80}", "{port: 81}", false},
        {"PortOfAll", "{port: 80}", "{}", false},
        {"Method", "{method: {exact: GET}}", "{method: {exact: POST}}", false},
        {"LabelsOfMore", "{sourceLabels: {a: b}}", "{sourceLabels: {a: b, c: d}}", true},
        {"LabelsOfAll", "{sourceLabels: {a: b}}", "{}", false},
        {"Namespace", "{sourceNamespace: a}", "{sourceNamespace: b}", false},
        {"MeshIsTheDefault", "{gateways: [mesh]}", "{}", true},
        {"GatewayOfMesh", "{gateways: [edge]}", "{}", false},
    }),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace meshlib::manifest
