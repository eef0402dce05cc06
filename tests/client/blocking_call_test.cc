// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "client/client_fixture.h"
#include "fake/movable_clock.h"

namespace meshlib::client {
namespace {

using fake::PeerConnection;
using fake::ScriptedPeer;

// Knows whether one thread has asked for the time: a blocking Call does so first when it begins to
// wait for a loop. Thread-safe.
class AskedClock final : public base::Clock {
 public:
  absl::Time Now() const override {
    const absl::Time now = clock_.Now();
    if (std::this_thread::get_id() == noted_) asked_ = true;
    return now;
  }
  absl::Time WallNow() const override { return clock_.WallNow(); }

  void Advance(absl::Duration by) { clock_.Advance(by); }
  void NoteThisThread() { noted_ = std::this_thread::get_id(); }
  bool asked() const { return asked_; }

 private:
  fake::MovableClock clock_;
  std::atomic<std::thread::id> noted_{};
  mutable std::atomic<bool> asked_{false};
};

class BlockingCallTest : public ClientFixture {
 protected:
  // On asked_clock_. The only limit of a Call is its deadline.
  void ServeCartWithOneLoop(const resource::Address& peer) {
    ClientOptions options;
    options.max_blocking_loops = 1;
    client_ =
        std::make_unique<Client>(std::move(options), ClientDependencies{.threads = *threads_,
                                                                        .snapshots = published_,
                                                                        .demand = demand_,
                                                                        .clock = asked_clock_});
    resource::ForwardAction action;
    action.timeout = absl::ZeroDuration();
    ServeCart({peer}, action);
  }
  void TearDown() override { client_.reset(); }  // it knows of the clock

  AskedClock asked_clock_;
};

TEST_F(BlockingCallTest, GetsAnAnswerAndKeepsTheConnection) {
  ScriptedPeer peer(ScriptedPeer::Answering("hello"));
  ServeCart({peer.address()});
  EXPECT_EQ(Get("http://cart/"), "200 hello");
  EXPECT_EQ(Get("http://cart.default/"), "200 hello");
  EXPECT_EQ(Get("http://cart.default.svc.cluster.local/"), "200 hello");
  EXPECT_EQ(peer.connections(), 1);
}

TEST_F(BlockingCallTest, SendsMethodPathHostHeadersAndBody) {
  std::string head, body;
  ScriptedPeer peer([&](PeerConnection& connection) {
    head = connection.ReadRequest();
    body = connection.body();
    connection.Answer("");
  });
  ServeCart({peer.address()});
  HttpRequest parent;
  parent.headers.Add("end-user", "jason");
  parent.headers.Add("x-other", "1");
  ClientOptions options;
  options.propagate_headers = {"end-user"};
  MakeClient(options);
  CallOptions call{.parent = &parent, .headers = {{"x-mine", "2"}}};
  ASSERT_TRUE(client().Post("http://cart/items?n=1", "text/plain", "two", call).ok());
  EXPECT_TRUE(head.starts_with("POST /items?n=1 HTTP/1.1\r\nhost: cart\r\n")) << head;
  EXPECT_NE(head.find("content-type: text/plain\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("x-mine: 2\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("end-user: jason\r\n"), std::string::npos) << head;
  EXPECT_EQ(head.find("x-other"), std::string::npos) << head;
  EXPECT_EQ(body, "two");
}

TEST_F(BlockingCallTest, ManyThreadsCallAtOnce) {
  ScriptedPeer peer(ScriptedPeer::Answering("hello"));
  ServeCart({peer.address()});
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) good += Get("http://cart/") == "200 hello" ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 160);
}

TEST_F(BlockingCallTest, OnALoopThreadItIsRefusedInsteadOfStalling) {
  ServeCart({});
  absl::Status status;
  threads_->RunOn(1, [&] { status = client().Get("http://cart/").status(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(
      status.message(),
      "client: a blocking Call in a task of a loop thread would stall a loop of this Mesh: use "
      "Start() or co_await there, or a handler that may block (ServeHttp)");
}

TEST_F(BlockingCallTest, InACallbackTheRefusalNamesTheCallback) {
  ScriptedPeer peer(ScriptedPeer::Answering("hello"));
  ServeCart({peer.address()});
  HttpExchange exchange;
  exchange.request.url = "http://cart/";
  std::promise<absl::Status> inner;
  client().Start(exchange,
                 [&](HttpExchange&) { inner.set_value(client().Get("http://cart/").status()); });
  const absl::Status status = inner.get_future().get();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(status.message()).find("in the callback of a Call to cart would stall"),
            std::string::npos)
      << status;
}

TEST_F(BlockingCallTest, BeyondMaxBlockingLoopsCallersWaitWithinTheirDeadline) {
  std::atomic<bool> answer{false};
  ScriptedPeer peer([&](PeerConnection& connection) {
    while (!connection.ReadRequest().empty()) {
      while (!answer) std::this_thread::yield();
      connection.Answer("hello");
    }
  });
  ServeCart({peer.address()});
  ClientOptions options;
  options.max_blocking_loops = 1;
  MakeClient(options);
  std::string first;
  std::thread caller([&] { first = Get("http://cart/"); });
  while (peer.connections() == 0) std::this_thread::yield();
  EXPECT_EQ(GetFlag("http://cart/", {.deadline = absl::Milliseconds(20)}), "UO 503");
  answer = true;
  EXPECT_EQ(Get("http://cart/"), "200 hello");
  caller.join();
  EXPECT_EQ(first, "200 hello");
}

// The second of two Calls that share one loop: it may take 100 s, waits for 60 s, and is under way
// for 60 s more.
TEST_F(BlockingCallTest, WaitingForALoopIsPartOfTheDeadline) {
  std::atomic<bool> answer{false};
  ScriptedPeer peer([&](PeerConnection& connection) {
    connection.ReadRequest();
    while (!answer) std::this_thread::yield();
    connection.Answer("hello");
    connection.ReadRequest();
    asked_clock_.Advance(absl::Seconds(60));
    // What arrives makes the loop look at its clock.
    connection.Send("HTTP/1.1 103 Early Hints\r\n\r\n");
    connection.ReadEnd();
    connection.Answer("too late");
  });
  ServeCartWithOneLoop(peer.address());
  std::thread first(
      [&] { EXPECT_EQ(Get("http://cart/", {.deadline = absl::InfiniteDuration()}), "200 hello"); });
  while (peer.connections() == 0) std::this_thread::yield();
  std::string flag;
  std::thread second([&] {
    asked_clock_.NoteThisThread();
    flag = GetFlag("http://cart/", {.deadline = absl::Seconds(100)});
  });
  while (!asked_clock_.asked()) std::this_thread::yield();
  asked_clock_.Advance(absl::Seconds(60));
  answer = true;
  first.join();
  second.join();
  EXPECT_EQ(flag, "DT 504");
}

TEST_F(BlockingCallTest, AnIdleConnectionThatThePeerClosedIsNoticedByTheJanitor) {
  std::atomic<int> closed{0};
  ScriptedPeer peer([&](PeerConnection& connection) {
    connection.ReadRequest();
    connection.Answer("hello");
    connection.Close();
    ++closed;
  });
  ServeCart({peer.address()});
  EXPECT_EQ(Get("http://cart/"), "200 hello");
  while (closed == 0) std::this_thread::yield();
  EXPECT_EQ(configuration_.state("cart")->connections, 1u);
  client().Visit();
  EXPECT_EQ(configuration_.state("cart")->connections, 0u);
  EXPECT_EQ(Get("http://cart/"), "200 hello");
}

TEST_F(BlockingCallTest, ConnectionsOfAWithdrawnEndpointAreClosedAfterThePublish) {
  ScriptedPeer old_peer(ScriptedPeer::Answering("old"));
  ScriptedPeer new_peer(ScriptedPeer::Answering("new"));
  ServeCart({old_peer.address()});
  EXPECT_EQ(Get("http://cart/"), "200 old");
  ServeCart({new_peer.address()});
  EXPECT_EQ(configuration_.state("cart")->connections, 0u);
  EXPECT_EQ(Get("http://cart/"), "200 new");
}

TEST_F(BlockingCallTest, MaxConnectionsHoldsOverAllLoops) {
  std::atomic<int> open{0}, most{0};
  ScriptedPeer peer([&](PeerConnection& connection) {
    while (!connection.ReadRequest().empty()) {
      most = std::max<int>(most, ++open);
      std::this_thread::yield();
      --open;
      connection.Answer("hello");
    }
  });
  resource::Cluster cluster;
  cluster.circuit_breakers.max_connections = 2;
  ServeCart({peer.address()}, {}, cluster);
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) {
        good += Get("http://cart/") == "200 hello" ? 1 : 0;
        EXPECT_LE(configuration_.state("cart")->connections, 2u);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 120);
  EXPECT_LE(most, 2);
}

TEST_F(BlockingCallTest, AnAnswerLargerThanTheLimitFails) {
  ScriptedPeer peer(ScriptedPeer::Answering(std::string(5000, 'x')));
  ServeCart({peer.address()});
  ClientOptions options;
  options.max_buffered_body = 4096;
  MakeClient(options);
  EXPECT_EQ(Get("http://cart/"),
            "- 502: client: the answer's body is larger than max_buffered_body (4096)");
}

TEST_F(BlockingCallTest, AfterShutdownCallsFail) {
  ServeCart({});
  client().Shutdown();
  EXPECT_EQ(Get("http://cart/"), "LR 503: client: the Mesh is going away");
}

TEST_F(BlockingCallTest, ShutdownEndsACallUnderWay) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadRequest();
    connection.ReadEnd();
  });
  ServeCart({peer.address()});
  std::string result;
  std::thread caller([&] { result = Get("http://cart/"); });
  while (peer.connections() == 0) std::this_thread::yield();
  client().Shutdown();
  caller.join();
  EXPECT_EQ(result, "LR 503: client: the Mesh is going away");
}

}  // namespace
}  // namespace meshlib::client
