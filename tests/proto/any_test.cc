// SPDX-License-Identifier: Apache-2.0
#include "proto/any.h"

#include <gtest/gtest.h>

#include <string>

#include "meshlib/envoy/config/cluster/v3/cluster.pb.h"
#include "meshlib/envoy/config/route/v3/route.pb.h"
#include "proto/type_urls.h"

namespace meshlib::proto {
namespace {

using envoy::config::cluster::v3::Cluster;
using envoy::config::route::v3::RouteConfiguration;

TEST(AnyTest, CarriesTheTypeUrlOfTheMessageThatOursStandsFor) {
  EXPECT_EQ(TypeUrl<Cluster>(), kClusterTypeUrl);
  EXPECT_EQ(PackAny(RouteConfiguration()).type_url(), kRouteConfigTypeUrl);
}

TEST(AnyTest, UnpacksWhatWasPacked) {
  Cluster cluster;
  cluster.set_name("reviews");
  Cluster unpacked;
  EXPECT_TRUE(UnpackAny(PackAny(cluster), unpacked));
  EXPECT_EQ(unpacked.name(), "reviews");
}

TEST(AnyTest, RefusesAnotherTypeAndBrokenBytes) {
  Cluster cluster;
  EXPECT_FALSE(UnpackAny(PackAny(RouteConfiguration()), cluster));
  ::google::protobuf::Any broken;
  broken.set_type_url(std::string(kClusterTypeUrl));
  broken.set_value("\x0a\xff");
  EXPECT_FALSE(UnpackAny(broken, cluster));
}

TEST(AnyTest, EqualMessagesHaveEqualBytes) {
  RouteConfiguration a;
  RouteConfiguration b;
  for (int i = 0; i < 50; ++i) (*a.mutable_typed_per_filter_config())[std::to_string(i)];
  for (int i = 49; i >= 0; --i) (*b.mutable_typed_per_filter_config())[std::to_string(i)];
  EXPECT_EQ(SerializeDeterministic(a), SerializeDeterministic(b));
}

// The registry of protobuf knows names of messages and of files: ours must not be Envoy's.
TEST(ProtoNamesTest, MessagesAndFilesAreInAPackageOfTheirOwn) {
  EXPECT_EQ(Cluster::descriptor()->full_name().rfind("meshlib.", 0), 0u);
  EXPECT_EQ(Cluster::descriptor()->file()->name().rfind("meshlib/", 0), 0u);
}

}  // namespace
}  // namespace meshlib::proto
