// SPDX-License-Identifier: Apache-2.0
// ServerTest: a Server on a free port of the loopback, and clients for it.

#ifndef MESHLIB_TESTS_SERVER_SERVER_FIXTURE_H_
#define MESHLIB_TESTS_SERVER_SERVER_FIXTURE_H_

#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "fake/movable_clock.h"
#include "server/raw_client.h"
#include "server/server.h"

namespace meshlib::server {

// Something that a test waits for. Thread-safe.
class Signal final {
 public:
  void Set() {
    std::lock_guard lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  // False when it did not come within 10 s.
  bool Wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

class ServerTest : public ::testing::Test {
 protected:
  static ServeOptions Local() { return {.address = "127.0.0.1", .mesh = false}; }

  void Serve(Handler handler, ServeOptions options = Local()) {
    absl::StatusOr<std::unique_ptr<Server>> server =
        Server::Start(std::move(options), std::move(handler), Dependencies());
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    server_->Configure(policy_);
  }
  // Answers with the target and the body of the request.
  void ServeEcho(ServeOptions options = Local()) {
    Serve(LoopHandler([](ServerCall& call) {
            call.response().body.assign(call.request().url).append(call.request().body);
            call.Finish();
          }),
          std::move(options));
  }
  RawClient Connect() const { return RawClient(server_->address()); }

  ServerDependencies Dependencies() {
    return {.threads = *threads_,
            .workers = workers_,
            .clock = clock_,
            .log =
                [this](LogSeverity, std::string_view text) {
                  std::lock_guard lock(log_mutex_);
                  log_.emplace_back(text);
                },
            .worker_queue_time = worker_queue_time_};
  }
  void Advance(absl::Duration by) {
    clock_.Advance(by);
    // The first task may run in a turn that has looked at the clock before; the second cannot.
    threads_->PostToAll([this](size_t index) { threads_->loop(index).Post([] {}); });
  }
  std::vector<std::string> log() {
    std::lock_guard lock(log_mutex_);
    return log_;
  }

  // Handlers may still run when a test has ended.
  void TearDown() override {
    go_on_.Set();
    server_.reset();
  }

  Signal started_;  // for handlers to set, and
  Signal go_on_;    // to wait for
  InboundPolicy policy_;
  absl::Duration worker_queue_time_ = absl::Seconds(5);
  fake::MovableClock clock_;
  std::mutex log_mutex_;
  std::vector<std::string> log_;
  WorkerPool workers_{{.max_threads = 4}};
  std::unique_ptr<net::LoopThreads> threads_ = net::LoopThreads::Start(2, clock_).value();
  std::unique_ptr<Server> server_;
};

}  // namespace meshlib::server

#endif  // MESHLIB_TESTS_SERVER_SERVER_FIXTURE_H_
