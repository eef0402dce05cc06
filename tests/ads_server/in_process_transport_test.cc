// SPDX-License-Identifier: Apache-2.0
// The client and the server of the ADS protocol, talking to each other.

#include "ads_server/in_process_transport.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "fake/fake_event_loop.h"
#include "fake/fake_resource_source.h"
#include "meshlib/envoy/config/cluster/v3/cluster.pb.h"
#include "proto/type_urls.h"
#include "xds/ads_client.h"

namespace meshlib::ads_server {
namespace {

using Strings = std::vector<std::string>;

class InProcessTransportTest : public ::testing::Test {
 protected:
  void Set(const std::string& name, const std::string& payload) {
    envoy::config::cluster::v3::Cluster message;
    message.set_name(name);
    message.set_alt_stat_name(payload);
    source_.Set(proto::kClusterTypeUrl, name, message.SerializeAsString());
  }
  base::Subscription Watch(xds::AdsClient& client, const std::string& name) {
    return client.Watch<std::string>(
        type_, name, [this, name](const xds::AdsClient::Update<std::string>& update) {
          events_.push_back(absl::StrCat(
              name, update.ok() ? "=" + **update : "!" + std::string(update.status().message())));
        });
  }
  std::unique_ptr<xds::AdsClient> Client() {
    return std::make_unique<xds::AdsClient>(
        loop_, transport_, xds::MakeSotwProtocol(xds::NodeIdentity{.name = "a"}), base::Random(1));
  }
  Strings Events() {
    loop_.RunUntilIdle();
    return std::exchange(events_, {});
  }

  const xds::ResourceTypeOf<std::string> type_ = xds::ResourceTypeOf<std::string>::Listed(
      proto::kClusterTypeUrl, "Cluster",
      [](std::string_view bytes,
         resource::Report&) -> absl::StatusOr<std::shared_ptr<const std::string>> {
        envoy::config::cluster::v3::Cluster message;
        message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
        return std::make_shared<const std::string>(message.alt_stat_name());
      });
  fake::FakeEventLoop loop_;
  fake::FakeResourceSource source_;
  AdsServer server_{loop_, source_, nullptr, nullptr};
  InProcessTransport transport_{loop_, server_, "yaml:mesh"};
  Strings events_;
};

TEST_F(InProcessTransportTest, AChangeOfTheSourceReachesTheWatcher) {
  Set("a", "1");
  const auto client = Client();
  const auto watch = Watch(*client, "a");
  EXPECT_EQ(Events(), Strings{"a=1"});
  EXPECT_TRUE(source_.node().meshlib);
  Set("a", "2");
  source_.Publish();
  EXPECT_EQ(Events(), Strings{"a=2"});
  EXPECT_TRUE(client->StreamStatus().ok());
}

TEST_F(InProcessTransportTest, WhatDoesNotExistIsKnownAtOnce) {
  const auto client = Client();
  const auto watch = Watch(*client, "a");
  EXPECT_EQ(Events(), Strings{"a!xds: Cluster \"a\" does not exist"});
  Set("a", "1");
  source_.Publish();
  EXPECT_EQ(Events(), Strings{"a=1"});
  source_.Remove(proto::kClusterTypeUrl, "a");
  source_.Publish();
  EXPECT_EQ(Events(), Strings{"a!xds: Cluster \"a\" does not exist"});
}

TEST_F(InProcessTransportTest, NamesAddedWhileAResponseIsUnderWayAreAnswered) {
  Set("a", "1");
  Set("b", "1");
  const auto client = Client();
  const auto a = Watch(*client, "a");
  Events();
  Set("a", "2");
  source_.Publish();
  const auto b = Watch(*client, "b");
  EXPECT_EQ(Events(), (Strings{"a=2", "b=1"}));
}

TEST_F(InProcessTransportTest, SeveralClientsAreServed) {
  Set("a", "1");
  auto first = Client(), second = Client();
  auto watch = Watch(*first, "a");
  const auto other = Watch(*second, "a");
  EXPECT_EQ(Events(), (Strings{"a=1", "a=1"}));
  EXPECT_EQ(server_.stream_count(), 2u);
  first.reset();
  EXPECT_EQ(server_.stream_count(), 1u);
  Set("a", "2");
  source_.Publish();
  EXPECT_EQ(Events(), Strings{"a=2"});
}

}  // namespace
}  // namespace meshlib::ads_server
