// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "client/client_fixture.h"

namespace meshlib::client {
namespace {

using fake::PeerConnection;
using fake::ScriptedPeer;

// Ends when it was told so as often as expected.
class Countdown {
 public:
  explicit Countdown(int count) : left_(count) {}
  void Done() {
    std::lock_guard lock(mutex_);
    if (--left_ <= 0) changed_.notify_all();
  }
  void Await() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(10), [&] { return left_ <= 0; }))
        << left_ << " are missing";
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int left_;
};

class CallbackCallTest : public ClientFixture {};

TEST_F(CallbackCallTest, EndsOnALoopAndFillsTheExchange) {
  ScriptedPeer peer(ScriptedPeer::Answering("hello"));
  ServeCart({peer.address()});
  HttpExchange exchange;
  exchange.request.url = "http://cart/";
  Countdown countdown(1);
  size_t loop = 99;
  client().Start(exchange, [&](HttpExchange&) {
    loop = threads_->CurrentIndex();
    countdown.Done();
  });
  countdown.Await();
  EXPECT_LT(loop, threads_->size());
  EXPECT_TRUE(exchange.status.ok()) << exchange.status;
  EXPECT_EQ(exchange.response.body, "hello");
  EXPECT_EQ(exchange.info.cluster, "cart");
  EXPECT_EQ(exchange.info.endpoint, peer.address().ToString());
  EXPECT_EQ(exchange.info.route, "to-cart");
  EXPECT_EQ(exchange.info.attempts, 1);
}

TEST_F(CallbackCallTest, StartedOnALoopItStaysThereAndNeverEndsInsideStart) {
  ScriptedPeer peer(ScriptedPeer::Answering("hello"));
  ServeCart({peer.address()});
  for (const char* url : {"http://cart/", "not a url"}) {
    HttpExchange exchange;
    exchange.request.url = url;
    Countdown countdown(1);
    size_t loop = 99;
    bool inside = true;
    threads_->RunOn(1, [&] {
      client().Start(exchange, [&](HttpExchange&) {
        EXPECT_FALSE(inside);
        loop = threads_->CurrentIndex();
        countdown.Done();
      });
      inside = false;
    });
    countdown.Await();
    EXPECT_EQ(loop, 1u);
  }
}

TEST_F(CallbackCallTest, ACoroutineReadsLikeABlockingCall) {
  ScriptedPeer peer(ScriptedPeer::Answering("hello"));
  ServeCart({peer.address()});
  HttpExchange exchange;
  Countdown countdown(1);
  std::string bodies;
  auto run = [&]() -> Detached {
    for (int i = 0; i < 3; ++i) {
      exchange.request.url = "http://cart/";
      const absl::Status status = co_await client().Await(exchange);
      bodies += status.ok() ? exchange.response.body : std::string(status.message());
    }
    countdown.Done();
  };
  run();
  countdown.Await();
  EXPECT_EQ(bodies, "hellohellohello");
}

TEST_F(CallbackCallTest, TheNextCallMayBeStartedFromTheEndOfTheLast) {
  ScriptedPeer peer(ScriptedPeer::Answering("hello"));
  ServeCart({peer.address()});
  HttpExchange exchange;
  exchange.request.url = "http://cart/";
  Countdown countdown(1);
  int calls = 0;
  std::function<void(HttpExchange&)> next = [&](HttpExchange&) {
    if (++calls == 50) return countdown.Done();
    client().Start(exchange, [&](HttpExchange& ended) { next(ended); });
  };
  client().Start(exchange, [&](HttpExchange& ended) { next(ended); });
  countdown.Await();
  EXPECT_EQ(calls, 50);
  EXPECT_EQ(peer.connections(), 1);
}

TEST_F(CallbackCallTest, ShutdownFailsThoseUnderWay) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadRequest();
    connection.ReadEnd();
  });
  ServeCart({peer.address()});
  HttpExchange exchanges[4];
  Countdown countdown(4);
  for (HttpExchange& exchange : exchanges) {
    exchange.request.url = "http://cart/";
    client().Start(exchange, [&](HttpExchange&) { countdown.Done(); });
  }
  while (peer.connections() < 4) std::this_thread::yield();
  client().Shutdown();
  countdown.Await();
  for (const HttpExchange& exchange : exchanges) {
    EXPECT_EQ(CallErrorOf(exchange.status)->reason, CallErrorReason::kShutdown);
  }
}

}  // namespace
}  // namespace meshlib::client
