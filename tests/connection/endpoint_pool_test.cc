// SPDX-License-Identifier: Apache-2.0
#include "connection/endpoint_pool.h"

#include <gtest/gtest.h>

#include "connection/pool_fixture.h"

namespace meshlib::connection {
namespace {

using fake::PeerConnection;
using fake::ScriptedPeer;

class EndpointPoolTest : public PoolFixture {};

TEST_F(EndpointPoolTest, AConnectionIsKeptAndUsedAgain) {
  ScriptedPeer peer(ScriptedPeer::Answering("hello"));
  EXPECT_EQ(Get(peer.address()), "waiting, head 200, body 5, end");
  EXPECT_EQ(Get(peer.address()), "head 200, body 5, end");
  EXPECT_EQ(peer.connections(), 1);
  EXPECT_EQ(cluster_->connections, 1u);
  EXPECT_EQ(cluster_->pending_requests, 0u);
  pools_.reset();
  EXPECT_EQ(cluster_->connections, 0u);
}

TEST_F(EndpointPoolTest, TheConnectionUsedLastIsUsedFirst) {
  std::atomic<int> last{-1};
  ScriptedPeer peer([&](PeerConnection& connection) {
    while (!connection.ReadRequest().empty()) {
      last = connection.number();
      connection.Answer("");
    }
  });
  Exchange first, second;
  first.Start(PoolOf(peer.address()));
  second.Start(PoolOf(peer.address()));
  Await([&] { return first.done && second.done; });
  const int used_last = last;
  for (int i = 0; i < 3; ++i) {
    Get(peer.address());
    EXPECT_EQ(last, used_last);
  }
}

TEST_F(EndpointPoolTest, MaxRequestsPerConnectionOpensANewOne) {
  ScriptedPeer peer(ScriptedPeer::Answering(""));
  for (int i = 0; i < 4; ++i) Get(peer.address(), {.max_requests_per_connection = 2});
  EXPECT_EQ(peer.connections(), 2);
}

TEST_F(EndpointPoolTest, AnOldConnectionIsNotUsedAgain) {
  ScriptedPeer peer(ScriptedPeer::Answering(""));
  const PoolSettings settings{.max_connection_duration = absl::Minutes(1)};
  Get(peer.address(), settings);
  clock_.Advance(absl::Minutes(2));
  Get(peer.address(), settings);
  EXPECT_EQ(peer.connections(), 2);
}

TEST_F(EndpointPoolTest, IdleConnectionsAreClosedByTheirTimeout) {
  ScriptedPeer peer(ScriptedPeer::Answering(""));
  Get(peer.address(), {.idle_timeout = absl::Seconds(30)});
  EXPECT_EQ(pools_->idle(), 1u);
  clock_.Advance(absl::Seconds(31));
  loop_->Poll();
  EXPECT_EQ(pools_->idle(), 0u);
}

TEST_F(EndpointPoolTest, ConnectionsOfAWithdrawnEndpointAreClosedBySweep) {
  ScriptedPeer peer(ScriptedPeer::Answering(""));
  Get(peer.address());
  EndpointOf(peer.address())->withdrawn = true;
  pools_->Sweep();
  EXPECT_EQ(pools_->idle(), 0u);
  EXPECT_EQ(cluster_->connections, 0u);
}

TEST_F(EndpointPoolTest, WhoChoseAnEndpointBeforeItWasWithdrawnStillReachesIt) {
  ScriptedPeer peer(ScriptedPeer::Answering("hello"));
  PoolOf(peer.address());
  EndpointOf(peer.address())->withdrawn = true;
  EXPECT_EQ(Get(peer.address()), "waiting, head 200, body 5, end");
  EXPECT_EQ(peer.connections(), 1);
}

TEST_F(EndpointPoolTest, AConnectionThatThePeerClosedWhileIdleIsNotUsed) {
  std::atomic<bool> closed{false};
  ScriptedPeer peer([&](PeerConnection& connection) {
    connection.ReadRequest();
    connection.Answer("");
    if (connection.number() == 0) {
      connection.Close();
      closed = true;
      return;
    }
    connection.ReadEnd();
  });
  EXPECT_EQ(Get(peer.address()), "waiting, head 200, body 0, end");
  // The loop does not run meanwhile, like a borrowed one that nobody uses.
  while (!closed) std::this_thread::yield();
  clock_.Advance(absl::Seconds(2));
  Exchange second;
  loop_->Run([&] {
    if (second.log.empty()) second.Start(PoolOf(peer.address()));
    return second.done;
  });
  EXPECT_EQ(second.log, "waiting, head 200, body 0, end");
  EXPECT_EQ(peer.connections(), 2);
}

TEST_F(EndpointPoolTest, AByteOnAnIdleConnectionClosesIt) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadRequest();
    connection.Answer("");
    connection.Send("x");
    connection.ReadEnd();
  });
  Get(peer.address());
  Await([&] { return pools_->idle() == 0; });
  EXPECT_EQ(cluster_->connections, 0u);
}

TEST_F(EndpointPoolTest, AFailedConnectionFailsAllThatWaitAndNamesTheCause) {
  ScriptedPeer peer(ScriptedPeer::Answering(""));
  const resource::Address address = peer.address();
  peer.Stop();
  Exchange first, second;
  first.Start(PoolOf(address));
  second.Start(PoolOf(address));
  Await([&] { return first.done && second.done; });
  EXPECT_EQ(first.log, "waiting, failed: connect " + address.ToString() + ": connection refused");
  EXPECT_EQ(second.log, first.log);
  EXPECT_EQ(cluster_->connections, 0u);
}

TEST_F(EndpointPoolTest, RequestsBeyondThePendingLimitOverflow) {
  ScriptedPeer peer(ScriptedPeer::Answering(""));
  Exchange first, second;
  const PoolSettings settings{.max_pending_requests = 1};
  first.Start(PoolOf(peer.address()), settings);
  second.Start(PoolOf(peer.address()), settings);
  EXPECT_EQ(second.log, "overflow");
  Await(first);
}

TEST_F(EndpointPoolTest, AtTheConnectionLimitRequestsWaitForOneInOrder) {
  ScriptedPeer peer(ScriptedPeer::Answering(""));
  const PoolSettings settings{.max_connections = 1};
  Exchange exchanges[3];
  for (Exchange& exchange : exchanges) exchange.Start(PoolOf(peer.address()), settings);
  Await(exchanges[2]);
  EXPECT_TRUE(exchanges[0].done && exchanges[1].done);
  EXPECT_EQ(peer.connections(), 1);
}

TEST_F(EndpointPoolTest, AtTheLimitAnIdleConnectionOfAnotherEndpointMakesRoom) {
  ScriptedPeer a(ScriptedPeer::Answering(""));
  ScriptedPeer b(ScriptedPeer::Answering(""));
  const PoolSettings settings{.max_connections = 1};
  Get(a.address(), settings);
  EXPECT_EQ(Get(b.address(), settings), "waiting, head 200, body 0, end");
  EXPECT_EQ(cluster_->connections, 1u);
}

TEST_F(EndpointPoolTest, AtTheLimitAnIdleConnectionOfAnotherLoopIsTakenOver) {
  ScriptedPeer peer(ScriptedPeer::Answering(""));
  const PoolSettings settings{.max_connections = 1};
  Get(peer.address(), settings);
  auto other_loop = net::Loop::Create(clock_).value();
  ConnectionPools other(*other_loop, broker_);
  Exchange exchange;
  exchange.Start(other.Get(EndpointOf(peer.address()), cluster_), settings);
  EXPECT_EQ(pools_->idle(), 1u);
  loop_->Poll();  // closes its idle connection
  EXPECT_EQ(pools_->idle(), 0u);
  other_loop->Run([&] { return exchange.done; });
  EXPECT_EQ(exchange.log, "waiting, head 200, body 0, end");
  EXPECT_EQ(cluster_->connections, 1u);
}

TEST_F(EndpointPoolTest, WhoStopsWaitingLeavesTheQueue) {
  ScriptedPeer peer(ScriptedPeer::Answering(""));
  {
    Exchange gone;
    gone.Start(PoolOf(peer.address()));
    EXPECT_EQ(cluster_->pending_requests, 1u);
  }
  EXPECT_EQ(cluster_->pending_requests, 0u);
  EXPECT_EQ(Get(peer.address()).substr(0, 7), "waiting");
}

}  // namespace
}  // namespace meshlib::connection
