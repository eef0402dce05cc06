// SPDX-License-Identifier: Apache-2.0
// BufferedExchange: a Call whose handler takes a whole request and gives a whole response, on the
// loop or on a worker.

#ifndef MESHLIB_SERVER_BUFFERED_EXCHANGE_H_
#define MESHLIB_SERVER_BUFFERED_EXCHANGE_H_

#include <memory>
#include <string_view>

#include "base/timer.h"
#include "meshlib/http_server.h"
#include "net/loop.h"
#include "server/exchange.h"
#include "server/serving.h"
#include "server/worker_pool.h"

namespace meshlib::server {

class Connection;

// Keeps its memory from Call to Call, if it is not much. Outlives its Connection while a handler
// has it. Loop-bound: as its Connection; Run() is called on a worker, and meanwhile only what is
// said to be of the loop is touched there.
class BufferedExchange final : public Exchange, public ServerCall, public WorkerJob {
 public:
  BufferedExchange(Connection& connection, std::shared_ptr<Serving> serving);

  HttpRequest& request() override { return request_; }
  void OnHead() override;
  void OnBody(std::string_view bytes) override;
  void OnEnd(const Headers& trailers) override;
  void OnWritable() override {}
  bool WaitsUntilSent() const override { return false; }
  void OnSent() override;
  bool OnClosed(const absl::Status& status) override;

  const HttpRequest& request() const override { return request_; }
  HttpResponse& response() override { return response_; }
  void Finish() override;
  void Post(absl::AnyInvocable<void()> task) override;

  void Run() override;

 private:
  void RunOnLoop(const LoopHandler& handler);
  void RunOnWorker();
  void OnWorkerDone();
  void OnQueuedTooLong();

  const std::shared_ptr<Serving> serving_;
  net::Loop& loop_;
  HttpRequest request_;
  HttpResponse response_;

  // Of the loop.
  Connection* connection_;  // null when it has ended
  bool busy_ = false;       // a handler has it
  base::Timer queue_timer_;
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_BUFFERED_EXCHANGE_H_
