// SPDX-License-Identifier: Apache-2.0
#include "pick/endpoint_registry.h"

#include <gtest/gtest.h>

#include <memory>

namespace meshlib::pick {
namespace {

resource::Address At(const char* text) { return *resource::Address::FromString(text); }

TEST(EndpointRegistryTest, CarriesStatesOverFromBuildToBuild) {
  EndpointRegistry registry(resource::ClusterName("cart"));
  registry.BeginBuild();
  const std::shared_ptr<EndpointState> first = registry.Get(At("10.0.0.1:80"));
  registry.EndBuild();
  registry.BeginBuild();
  EXPECT_EQ(registry.Get(At("10.0.0.1:80")), first);
  EXPECT_NE(registry.Get(At("10.0.0.1:81")), first);
  registry.EndBuild();
  EXPECT_FALSE(first->withdrawn.load());
  EXPECT_EQ(registry.size(), 2u);
}

TEST(EndpointRegistryTest, WithdrawsWhatTheLastBuildDidNotAskFor) {
  EndpointRegistry registry(resource::ClusterName("cart"));
  registry.BeginBuild();
  const std::shared_ptr<EndpointState> gone = registry.Get(At("10.0.0.1:80"));
  const std::shared_ptr<EndpointState> kept = registry.Get(At("10.0.0.2:80"));
  registry.EndBuild();
  registry.BeginBuild();
  registry.Get(At("10.0.0.2:80"));
  registry.EndBuild();
  EXPECT_TRUE(gone->withdrawn.load());
  EXPECT_FALSE(kept->withdrawn.load());
  EXPECT_EQ(registry.size(), 1u);

  registry.BeginBuild();
  EXPECT_NE(registry.Get(At("10.0.0.1:80")), gone);
  registry.EndBuild();
}

TEST(EndpointRegistryTest, WithdrawsAllAtItsEnd) {
  std::shared_ptr<EndpointState> state;
  {
    EndpointRegistry registry(resource::ClusterName("cart"));
    EXPECT_EQ(registry.cluster()->name().value, "cart");
    state = registry.Get(At("10.0.0.1:80"));
  }
  EXPECT_TRUE(state->withdrawn.load());
}

}  // namespace
}  // namespace meshlib::pick
