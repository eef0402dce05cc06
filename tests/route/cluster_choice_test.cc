// SPDX-License-Identifier: Apache-2.0
#include "route/cluster_choice.h"

#include <gtest/gtest.h>

#include "route/route_builder.h"

namespace meshlib::route {
namespace {

resource::Route Weighted(std::vector<std::pair<const char*, uint32_t>> weights) {
  resource::Route route = Prefix("r", "/");
  resource::WeightedClusters clusters;
  for (const auto& [name, weight] : weights) {
    resource::WeightedCluster cluster;
    cluster.name = resource::ClusterName(name);
    cluster.weight = weight;
    clusters.clusters.push_back(std::move(cluster));
    clusters.total_weight += weight;
  }
  clusters.random_value_header = "x-rand";
  Forward(route).cluster = std::move(clusters);
  return route;
}

std::string Chosen(const resource::Route& route, const Headers& headers, uint64_t random = 0) {
  const auto table = TableOf({route});
  const RequestHead head{"GET", "/", "shop", "http", &headers};
  const ClusterChoice choice = ChooseCluster(*table->Match(head, 0).route, head, random);
  if (choice.index != kNoCluster) {
    EXPECT_EQ(table->clusters().at(choice.index).value, choice.name);
  }
  return std::string(choice.name);
}

TEST(ClusterChoiceTest, TakesTheIntervalThatTheRandomValueFallsInto) {
  const resource::Route route = Weighted({{"a", 80}, {"none", 0}, {"b", 15}, {"c", 5}});
  const struct {
    uint64_t random;
    const char* cluster;
  } rows[] = {{0, "a"}, {79, "a"}, {80, "b"}, {94, "b"}, {95, "c"}, {99, "c"}, {100, "a"}};
  for (const auto& row : rows) EXPECT_EQ(Chosen(route, {}, row.random), row.cluster) << row.random;
}

TEST(ClusterChoiceTest, TheRequestMayBringTheRandomValue) {
  const resource::Route route = Weighted({{"a", 1}, {"b", 1}});
  EXPECT_EQ(Chosen(route, {{"x-rand", "1"}}), "b");
  EXPECT_EQ(Chosen(route, {{"x-rand", "+3"}}), "b");
  EXPECT_EQ(Chosen(route, {{"x-rand", "18446744073709551615"}}), "b");
  EXPECT_EQ(Chosen(route, {{"x-rand", "18446744073709551616"}}), "a") << "too large";
  EXPECT_EQ(Chosen(route, {{"x-rand", "-1"}}), "a") << "negative";
  EXPECT_EQ(Chosen(route, {{"x-rand", "one"}}), "a") << "no number";
  EXPECT_EQ(Chosen(route, {{"x-rand", "1"}, {"x-rand", "1"}}), "a") << "two fields";
}

TEST(ClusterChoiceTest, AHeaderMayNameTheCluster) {
  resource::Route route = Prefix("r", "/");
  Forward(route).cluster = resource::ClusterHeader{"x-cluster"};
  EXPECT_EQ(Chosen(route, {{"x-cluster", "red"}, {"x-cluster", "blue"}}), "red");
  EXPECT_EQ(Chosen(route, {}), "");
}

}  // namespace
}  // namespace meshlib::route
