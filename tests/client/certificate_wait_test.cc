// SPDX-License-Identifier: Apache-2.0
// Calls that need the workload's first certificate, before it is there.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "client/client_fixture.h"
#include "fake/test_ca.h"
#include "fake/tls_peer.h"

namespace meshlib::client {
namespace {

using fake::Dns;
using fake::ScriptedPeer;
using fake::TestCa;
using snapshot::ClientTls;

// Counts the ends that it is told of.
class CountingHandler final : public StreamHandler {
 public:
  void OnHead(const HttpResponse& response) override { status = response.status; }
  void OnBody(std::string_view /*bytes*/) override {}
  void OnEnd(const Headers& /*trailers*/) override { ++ends; }
  void OnFailed(const absl::Status& /*status*/) override { ++ends; }

  std::atomic<int> status{0};
  std::atomic<int> ends{0};
};

class CertificateWaitTest : public ClientFixture {
 protected:
  // "cart" is called by TLS with a certificate that is not there, for that reason.
  void ServeWithoutCertificate(const std::string& why) {
    ServeSecured(std::make_shared<const ClientTls>(ClientTls::NotYet{absl::UnavailableError(why)},
                                                   "mutual TLS"));
  }
  void ServeWithCertificate() {
    tls::ClientSettings settings;
    settings.roots = ca_.roots();
    settings.identity = ca_.Leaf({.names = {Dns("me.example")}}).pair();
    ServeSecured(
        std::make_shared<const ClientTls>(std::move(settings), ClientTls::ByHost{}, "mutual TLS"));
  }
  void ServeSecured(std::shared_ptr<const ClientTls> tls) {
    configuration_.Cluster("cart", {peer_.address()})
        .Secured("cart", std::move(tls))
        .Listener(kCart, {RouteTo("cart")});
    Publish();
  }
  HttpExchange ToCart() const {
    HttpExchange exchange;
    exchange.request.url = "http://cart/";
    return exchange;
  }
  // On a loop, so that what starts there has begun to wait when this returns.
  void OnLoop(absl::FunctionRef<void()> task) {
    threads_->RunOn(0, task);
    threads_->RunOn(0, [] {});
  }
  void Await(const std::atomic<int>& count) {
    const absl::Time end = clock_.Now() + absl::Seconds(10);
    while (count == 0 && clock_.Now() < end) std::this_thread::yield();
    EXPECT_EQ(count, 1);
  }

  const TestCa ca_ = TestCa::Root();
  ScriptedPeer peer_{
      fake::AnsweringTls(fake::ServerOf(ca_.Leaf({.names = {Dns("cart.example")}})), "hello")};
};

TEST_F(CertificateWaitTest, ABlockingCallIsMadeWhenTheCertificateIsThere) {
  client();
  std::string answer;
  std::thread caller([&] { answer = Get("http://cart/"); });
  demand_.Await(kCart);
  ServeWithoutCertificate("the authority was asked");
  ServeWithoutCertificate("connection refused");
  ServeWithCertificate();
  caller.join();
  EXPECT_EQ(answer, "200 hello");
}

TEST_F(CertificateWaitTest, ACallbackIsCalledWhenTheCertificateIsThere) {
  ServeWithoutCertificate("the authority was asked");
  HttpExchange exchange = ToCart();
  std::atomic<int> ends{0};
  OnLoop([&] { client().Start(exchange, [&](HttpExchange&) { ++ends; }); });
  EXPECT_EQ(ends, 0);
  ServeWithCertificate();
  Await(ends);
  EXPECT_EQ(exchange.response.body, "hello");
}

TEST_F(CertificateWaitTest, ACoroutineGoesOnWhenTheCertificateIsThere) {
  ServeWithoutCertificate("the authority was asked");
  HttpExchange exchange = ToCart();
  std::atomic<int> ends{0};
  auto run = [&]() -> Detached {
    EXPECT_TRUE((co_await client().Await(exchange)).ok());
    ++ends;
  };
  OnLoop([&] { run(); });
  EXPECT_EQ(ends, 0);
  ServeWithCertificate();
  Await(ends);
  EXPECT_EQ(exchange.response.body, "hello");
}

TEST_F(CertificateWaitTest, AStreamKeepsItsBodyUntilTheCertificateIsThere) {
  ServeWithoutCertificate("the authority was asked");
  CountingHandler handler;
  std::unique_ptr<HttpStream> stream;
  HttpRequest request;
  request.method = "POST";
  request.url = "http://cart/";
  OnLoop([&] {
    stream = client().Open(request, {}, handler);
    stream->Write("body");
    stream->Finish({});
  });
  EXPECT_EQ(handler.ends, 0);
  ServeWithCertificate();
  Await(handler.ends);
  EXPECT_EQ(handler.status, 200);
  OnLoop([&] { stream.reset(); });
}

TEST_F(CertificateWaitTest, TheDeadlineIsNamedWithTheReason) {
  ServeWithoutCertificate("identity: me: istiod:15012: connection refused");
  const std::string told = Get("http://cart/", {.deadline = absl::Milliseconds(30)});
  EXPECT_EQ(
      told.rfind("NC 503: security: cluster \"cart\": the Call's deadline has passed after ", 0),
      0u)
      << told;
  EXPECT_NE(told.find(" without a certificate: identity: me: istiod:15012: connection refused"),
            std::string::npos)
      << told;
  EXPECT_EQ(peer_.connections(), 0);
}

TEST_F(CertificateWaitTest, TheNewestReasonIsTold) {
  // The news has to come before the deadline, also on a slow machine.
  absl::Status told;
  for (absl::Duration deadline = absl::Milliseconds(100);
       deadline < absl::Seconds(10) && told.message().find("expired") == absl::string_view::npos;
       deadline *= 4) {
    ServeWithoutCertificate("the authority was asked");
    HttpExchange exchange = ToCart();
    exchange.options.deadline = deadline;
    std::atomic<int> ends{0};
    OnLoop([&] { client().Start(exchange, [&](HttpExchange&) { ++ends; }); });
    ServeWithoutCertificate("the token has expired");
    Await(ends);
    told = exchange.status;
  }
  EXPECT_NE(told.message().find("the token has expired"), absl::string_view::npos) << told;
}

TEST_F(CertificateWaitTest, ACancelledStreamWaitsNoMore) {
  ServeWithoutCertificate("the authority was asked");
  CountingHandler handler;
  std::unique_ptr<HttpStream> stream;
  HttpRequest request;
  request.url = "http://cart/";
  OnLoop([&] { stream = client().Open(request, {}, handler); });
  OnLoop([&] { stream.reset(); });
  ServeWithCertificate();
  EXPECT_EQ(Get("http://cart/"), "200 hello");
  EXPECT_EQ(handler.ends, 0);
  EXPECT_EQ(peer_.connections(), 1);
}

TEST_F(CertificateWaitTest, ShutdownEndsTheWait) {
  ServeWithoutCertificate("the authority was asked");
  HttpExchange exchange = ToCart();
  std::atomic<int> ends{0};
  OnLoop([&] { client().Start(exchange, [&](HttpExchange&) { ++ends; }); });
  client().Shutdown();
  Await(ends);
  EXPECT_EQ(CallErrorOf(exchange.status)->reason, CallErrorReason::kShutdown);
}

}  // namespace
}  // namespace meshlib::client
