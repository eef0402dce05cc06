// SPDX-License-Identifier: Apache-2.0
// PoolFixture: ConnectionPools on a loop of the test's thread.

#ifndef MESHLIB_CONNECTION_TEST_POOL_FIXTURE_H_
#define MESHLIB_CONNECTION_TEST_POOL_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/clock.h"
#include "connection/connection_pools.h"
#include "connection/exchange.h"
#include "fake/bounded_run.h"
#include "fake/scripted_peer.h"

namespace meshlib::connection {

// A clock that tests move on top of the real one.
class ShiftedClock final : public base::Clock {
 public:
  absl::Time Now() const override { return system_.Now() + shift_; }
  absl::Time WallNow() const override { return system_.WallNow(); }
  void Advance(absl::Duration by) { shift_ += by; }

 private:
  base::SystemClock system_;
  absl::Duration shift_ = absl::ZeroDuration();
};

class PoolFixture : public ::testing::Test {
 protected:
  EndpointPool& PoolOf(const resource::Address& address) {
    auto& endpoint = endpoints_[address.ToString()];
    if (endpoint == nullptr) endpoint = std::make_shared<pick::EndpointState>(address);
    return pools_->Get(endpoint, cluster_);
  }
  std::shared_ptr<pick::EndpointState> EndpointOf(const resource::Address& address) {
    return endpoints_[address.ToString()];
  }
  void Await(const Exchange& exchange) {
    Await([&] { return exchange.done; });
  }
  // Fails the test when it takes longer than 10 s.
  void Await(absl::FunctionRef<bool()> done) {
    EXPECT_TRUE(fake::RunUntil(*loop_, clock_, done)) << "waited in vain";
  }
  std::string Get(const resource::Address& address, const PoolSettings& settings = {}) {
    // Within a turn, so that the loop knows the time.
    Exchange exchange;
    Await([&] {
      if (exchange.log.empty()) exchange.Start(PoolOf(address), settings);
      return exchange.done;
    });
    return exchange.log;
  }

  ShiftedClock clock_;
  std::unique_ptr<net::Loop> loop_ = net::Loop::Create(clock_).value();
  ConnectionBroker broker_;
  std::unique_ptr<ConnectionPools> pools_ = std::make_unique<ConnectionPools>(*loop_, broker_);
  std::shared_ptr<pick::ClusterState> cluster_ =
      std::make_shared<pick::ClusterState>(resource::ClusterName("cart"));
  std::map<std::string, std::shared_ptr<pick::EndpointState>> endpoints_;
};

}  // namespace meshlib::connection

#endif  // MESHLIB_CONNECTION_TEST_POOL_FIXTURE_H_
