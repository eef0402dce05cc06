// SPDX-License-Identifier: Apache-2.0
// Exchange: one request on a Connection and what became of it, for tests.

#ifndef MESHLIB_CONNECTION_TEST_EXCHANGE_H_
#define MESHLIB_CONNECTION_TEST_EXCHANGE_H_

#include <string>

#include "connection/endpoint_pool.h"

namespace meshlib::connection {

// Acquires a connection, sends GET or what `body` says, and records events as text:
// "head 200, body 5, end". Loop-bound.
class Exchange final : public ConnectionWaiter, public ExchangeEvents {
 public:
  explicit Exchange(std::string method = "GET", std::string body = {})
      : method_(std::move(method)), body_(std::move(body)) {}

  void Start(EndpointPool& pool, const PoolSettings& settings = {}, const ConnectTo& to = {}) {
    Http1Connection* ready = nullptr;
    switch (pool.Acquire(settings, to, *this, &ready)) {
      case EndpointPool::Acquired::kReady:
        return OnConnection(*ready);
      case EndpointPool::Acquired::kWaiting:
        return Log("waiting");
      case EndpointPool::Acquired::kOverflow:
        done = true;
        return Log("overflow");
    }
  }

  void OnConnection(Http1Connection& taken) override {
    connection = &taken;
    const auto framing =
        body_.empty() ? wire::BodyFraming::None() : wire::BodyFraming::Length(body_.size());
    ASSERT_TRUE(taken.Begin({method_, "/", "test"}, {}, framing, response, *this).ok());
    taken.Write(body_);
    if (finish) {
      EXPECT_TRUE(taken.Finish({}).ok());
    }
    if (!taken.Flush()) Log("full");
  }
  void OnConnectionFailed(const absl::Status& cause) override {
    Log("failed: " + std::string(cause.message()));
    done = true;
  }
  void OnHead() override { Log("head " + std::to_string(response.status)); }
  void OnBody(std::string_view bytes) override {
    response.body.append(bytes);
    if (pause_after_body) connection->PauseReading();
    if (abandon_in_body) {
      connection->Abandon();
      done = true;
    }
  }
  void OnEnd() override {
    Log("body " + std::to_string(response.body.size()) + ", end");
    done = true;
  }
  void OnBroken(CallErrorReason reason, const absl::Status& cause) override {
    broken_reason = reason;
    Log("broken: " + std::string(cause.message()));
    done = true;
  }
  void OnWritable() override { Log("writable"); }

  HttpResponse response;
  Http1Connection* connection = nullptr;
  CallErrorReason broken_reason{};
  std::string log;
  bool done = false;
  bool finish = true;
  bool pause_after_body = false;
  bool abandon_in_body = false;

 private:
  void Log(const std::string& text) { log += (log.empty() ? "" : ", ") + text; }

  const std::string method_;
  const std::string body_;
};

}  // namespace meshlib::connection

#endif  // MESHLIB_CONNECTION_TEST_EXCHANGE_H_
