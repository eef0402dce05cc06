// SPDX-License-Identifier: Apache-2.0
// AdsPair: an ADS server and clients of it over real sockets, on one loop that the test runs.

#ifndef MESHLIB_TESTS_RPC_ADS_PAIR_H_
#define MESHLIB_TESTS_RPC_ADS_PAIR_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ads_server/ads_server.h"
#include "fake/bounded_run.h"
#include "fake/fake_resource_source.h"
#include "meshlib/envoy/config/cluster/v3/cluster.pb.h"
#include "net/loop.h"
#include "proto/type_urls.h"
#include "rpc/grpc_ads_server.h"
#include "rpc/grpc_ads_transport.h"
#include "xds/ads_client.h"

namespace meshlib::rpc {

class AdsPair : public ::testing::Test {
 protected:
  using Update = xds::AdsClient::Update<std::string>;

  ~AdsPair() override { rpc_server_ = nullptr; }

  // Runs the loop until `done`; fails the test after 10 s, saying what it waited for.
  void Await(const std::string& what, const std::function<bool()>& done) {
    EXPECT_TRUE(fake::RunUntil(*loop_, clock_, done)) << "waited for " << what;
  }

  // Clusters whose alt_stat_name is the payload.
  void Set(const std::string& name, const std::string& payload) {
    envoy::config::cluster::v3::Cluster message;
    message.set_name(name);
    message.set_alt_stat_name(payload);
    source_.Set(proto::kClusterTypeUrl, name, message.SerializeAsString());
    source_.Publish();
  }
  void StartServer(const GrpcAdsServerOptions& options) {
    auto started = GrpcAdsServer::Start(*loop_, ads_server_, options);
    ASSERT_TRUE(started.ok()) << started.status();
    rpc_server_ = *std::move(started);
  }
  std::string Address() const { return absl::StrCat("127.0.0.1:", rpc_server_->port()); }
  std::string TemporaryPath() const {
    return absl::StrCat(::testing::TempDir(), "meshlib-ads-", getpid(), ".sock");
  }
  std::unique_ptr<xds::AdsClient> Client(xds::AdsTransport& transport) {
    return std::make_unique<xds::AdsClient>(
        *loop_, transport, xds::MakeSotwProtocol(xds::NodeIdentity{.name = "a"}), base::Random(1));
  }
  // The newest payload is in `seen`.
  base::Subscription Watch(xds::AdsClient& client, const std::string& name, std::string& seen) {
    return client.Watch<std::string>(type_, name, [&seen](const Update& update) {
      seen = update.ok() ? **update : "!" + std::string(update.status().message());
    });
  }

  const xds::ResourceTypeOf<std::string> type_ = xds::ResourceTypeOf<std::string>::Listed(
      proto::kClusterTypeUrl, "Cluster",
      [](std::string_view bytes,
         resource::Report&) -> absl::StatusOr<std::shared_ptr<const std::string>> {
        envoy::config::cluster::v3::Cluster message;
        message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
        return std::make_shared<const std::string>(message.alt_stat_name());
      });
  base::SystemClock clock_;
  std::unique_ptr<net::Loop> loop_ = net::Loop::Create(clock_).value();
  fake::FakeResourceSource source_;
  ads_server::AdsServer ads_server_{*loop_, source_, nullptr, nullptr};
  std::unique_ptr<GrpcAdsServer> rpc_server_;
};

}  // namespace meshlib::rpc

#endif  // MESHLIB_TESTS_RPC_ADS_PAIR_H_
