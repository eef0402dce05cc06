// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "pick/picker_fixture.h"

namespace meshlib::pick {
namespace {

using resource::Health;

class PickerLocalityTest : public PickerFixture {
 protected:
  PickerLocalityTest() { set_.localities.clear(); }
};

TEST_F(PickerLocalityTest, LocalitiesAreFlattenedByDefault) {
  AddLocality("a", 90, 0, {EndpointAt(1)});
  AddLocality("b", 10, 0, {EndpointAt(2), EndpointAt(3)});
  Build();
  EXPECT_EQ(PickMany(300), (Counts{{1, 100}, {2, 100}, {3, 100}}));
}

TEST_F(PickerLocalityTest, WeightedLocalitiesShareByWeight) {
  cluster_.locality_weighted = true;
  AddLocality("a", 90, 0, {EndpointAt(1)});
  AddLocality("b", 10, 0, {EndpointAt(2), EndpointAt(3)});
  Build();
  const Counts counts = PickMany(1000);
  EXPECT_NEAR(counts.at(1), 900, 1);
  EXPECT_NEAR(counts.at(2), 50, 1);
  EXPECT_NEAR(counts.at(3), 50, 1);
}

TEST_F(PickerLocalityTest, AWeightedLocalityLosesShareWithItsAvailability) {
  cluster_.locality_weighted = true;
  AddLocality("a", 1, 0,
              {EndpointAt(1), EndpointAt(2, Health::kUnhealthy), EndpointAt(3, Health::kUnhealthy),
               EndpointAt(4, Health::kUnhealthy)});
  AddLocality("b", 1, 0, {EndpointAt(5), EndpointAt(6), EndpointAt(7), EndpointAt(8)});
  Build();
  // 1.4 / 4 = 0.35 against 1.
  EXPECT_NEAR(PickMany(1350)[1], 350, 2);
}

TEST_F(PickerLocalityTest, OverprovisioningKeepsTheShareWhileEnoughAreHealthy) {
  cluster_.locality_weighted = true;
  AddLocality("a", 1, 0,
              {EndpointAt(1), EndpointAt(2), EndpointAt(3), EndpointAt(4, Health::kUnhealthy)});
  AddLocality("b", 1, 0, {EndpointAt(5)});
  Build();
  EXPECT_NEAR(PickMany(1000)[5], 500, 1);
}

TEST_F(PickerLocalityTest, ALocalityWithoutWeightGetsNothing) {
  cluster_.locality_weighted = true;
  AddLocality("a", 0, 0, {EndpointAt(1)});
  AddLocality("b", 1, 0, {EndpointAt(2)});
  Build();
  EXPECT_EQ(PickMany(100), (Counts{{2, 100}}));
}

TEST_F(PickerLocalityTest, WithoutAnyWeightTheyAreFlattened) {
  cluster_.locality_weighted = true;
  AddLocality("a", 0, 0, {EndpointAt(1)});
  AddLocality("b", 0, 0, {EndpointAt(2)});
  Build();
  EXPECT_EQ(PickMany(100), (Counts{{1, 50}, {2, 50}}));
}

TEST_F(PickerLocalityTest, PanicIgnoresLocalityWeights) {
  cluster_.locality_weighted = true;
  AddLocality("a", 99, 0, {EndpointAt(1, Health::kUnhealthy), EndpointAt(2, Health::kUnhealthy)});
  AddLocality("b", 1, 0, {EndpointAt(3)});
  Build();
  EXPECT_EQ(PickMany(99), (Counts{{1, 33}, {2, 33}, {3, 33}}));
}

TEST_F(PickerLocalityTest, TheLoadSpillsOverToTheNextPriority) {
  AddLocality("a", 1, 0, {EndpointAt(1), EndpointAt(2, Health::kUnhealthy)});  // available for 70 %
  AddLocality("b", 1, 1, {EndpointAt(3)});
  Build();
  const Counts counts = PickMany(10'000);
  EXPECT_NEAR(counts.at(1), 7'000, 180);
  EXPECT_NEAR(counts.at(3), 3'000, 180);
}

TEST_F(PickerLocalityTest, DegradedEndpointsServeWhatHealthyOnesCannot) {
  AddLocality("a", 1, 0, {EndpointAt(1), EndpointAt(2, Health::kDegraded)});
  Build();
  const Counts counts = PickMany(10'000);
  EXPECT_NEAR(counts.at(1), 7'000, 180);
  EXPECT_NEAR(counts.at(2), 3'000, 180);
}

TEST_F(PickerLocalityTest, TheClustersOverprovisioningFactorWins) {
  cluster_.overprovisioning_percent = 100;
  AddLocality("a", 1, 0, {EndpointAt(1), EndpointAt(2, Health::kUnhealthy)});
  AddLocality("b", 1, 1, {EndpointAt(3)});
  Build();
  EXPECT_NEAR(PickMany(10'000)[1], 5'000, 200);
}

TEST_F(PickerLocalityTest, TotalPanicSpreadsByTheNumberOfEndpoints) {
  AddLocality("a", 1, 0, {EndpointAt(1, Health::kUnhealthy)});
  AddLocality("b", 1, 1,
              {EndpointAt(2, Health::kUnhealthy), EndpointAt(3, Health::kUnhealthy),
               EndpointAt(4, Health::kUnhealthy)});
  Build();
  EXPECT_NEAR(PickMany(10'000)[1], 2'500, 180);
}

}  // namespace
}  // namespace meshlib::pick
