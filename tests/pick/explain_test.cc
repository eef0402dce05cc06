// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pick/picker_fixture.h"

namespace meshlib::pick {
namespace {

using resource::Health;

class ExplainTest : public PickerFixture {
 protected:
  // "1" is a candidate, "2: unhealthy" is not.
  std::vector<std::string> Explained() {
    Build();
    std::vector<std::string> lines;
    for (const ExplainedEndpoint& endpoint : picker_->Explain()) {
      const std::string number =
          endpoint.address.substr(7, endpoint.address.size() - 7 - std::string(":80").size());
      EXPECT_EQ(endpoint.candidate, endpoint.why_not.empty());
      lines.push_back(endpoint.candidate ? number : number + ": " + endpoint.why_not);
    }
    return lines;
  }
};

TEST_F(ExplainTest, TellsWhyEndpointsAreOut) {
  endpoints() = {EndpointAt(1), EndpointAt(2, Health::kUnhealthy),
                 EndpointAt(3), EndpointAt(4, Health::kDraining),
                 EndpointAt(5), EndpointAt(6),
                 EndpointAt(8)};
  AddLocality("b", 1, 1, {EndpointAt(7)});
  EXPECT_EQ(Explained(), (std::vector<std::string>{"1", "2: unhealthy", "3", "4: draining", "5",
                                                   "6", "8", "7: priority 1 is not used"}));
}

TEST_F(ExplainTest, InPanicAllAreCandidates) {
  endpoints() = {EndpointAt(1, Health::kUnhealthy), EndpointAt(2, Health::kDraining)};
  EXPECT_EQ(Explained(), (std::vector<std::string>{"1", "2"}));
}

TEST_F(ExplainTest, TellsOfLocalitiesAndDegradedEndpoints) {
  cluster_.locality_weighted = true;
  set_.localities.clear();
  AddLocality("a", 1, 0,
              {EndpointAt(1), EndpointAt(2), EndpointAt(3), EndpointAt(4, Health::kDegraded)});
  AddLocality("b", 0, 0, {EndpointAt(5)});
  EXPECT_EQ(Explained(),
            (std::vector<std::string>{"1", "2", "3", "4: degraded, and healthy endpoints suffice",
                                      "5: its locality has no weight"}));
}

TEST_F(ExplainTest, NamesClusterLocalityAndWeight) {
  set_.localities.clear();
  AddLocality("z", 1, 0, {EndpointAt(1, {}, 4)});
  Build();
  const std::vector<ExplainedEndpoint> explained = picker_->Explain();
  ASSERT_EQ(explained.size(), 1u);
  EXPECT_EQ(explained[0].cluster, "cart");
  EXPECT_EQ(explained[0].locality, set_.localities[0].name.ToString());
  EXPECT_EQ(explained[0].weight, 4u);
  EXPECT_EQ(explained[0].priority, 0u);
}

}  // namespace
}  // namespace meshlib::pick
