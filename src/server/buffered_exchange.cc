// SPDX-License-Identifier: Apache-2.0
#include "server/buffered_exchange.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <utility>

#include "base/check.h"
#include "server/connection.h"
#include "server/loop_server.h"

namespace meshlib::server {
namespace {

// An idle connection keeps no more than this of a body.
constexpr size_t kMostKept = 4096;

// What a client merely announces costs no more memory than this.
constexpr uint64_t kMostReserved = 256 * 1024;

constexpr std::string_view kStrangeException = "an exception that is none of std";

HttpResponse FailedResponse() { return HttpResponse::Text(500, "the handler failed"); }

void Shrink(std::string& body) {
  body.clear();
  if (body.capacity() > kMostKept) body.shrink_to_fit();
}

}  // namespace

BufferedExchange::BufferedExchange(Connection& connection, std::shared_ptr<Serving> serving)
    : serving_(std::move(serving)),
      loop_(connection.server().loop()),
      connection_(&connection),
      queue_timer_(loop_.timers(), [this] { OnQueuedTooLong(); }) {}

void BufferedExchange::OnHead() {
  response_.Clear();
  const wire::BodyFraming& framing = connection_->request_framing();
  if (framing.kind != wire::BodyFraming::Kind::kLength) return;
  if (framing.length > serving_->options.max_body) {
    return connection_->Refuse(413, "the body is too large");
  }
  request_.body.reserve(static_cast<size_t>(std::min(framing.length, kMostReserved)));
}

void BufferedExchange::OnBody(std::string_view bytes) {
  if (bytes.size() > serving_->options.max_body - request_.body.size()) {
    return connection_->Refuse(413, "the body is too large");
  }
  request_.body.append(bytes);
}

void BufferedExchange::OnEnd(const Headers&) {
  busy_ = true;
  if (const auto* handler = std::get_if<LoopHandler>(&serving_->handler)) {
    RunOnLoop(*handler);
  } else {
    RunOnWorker();
  }
}

void BufferedExchange::OnSent() {
  Shrink(request_.body);
  Shrink(response_.body);
}

bool BufferedExchange::OnClosed(const absl::Status&) {
  connection_ = nullptr;
  queue_timer_.Cancel();
  if (busy_ && std::holds_alternative<HttpHandler>(serving_->handler) &&
      serving_->dependencies.workers.Cancel(this)) {
    serving_->running_handlers.Remove();
    busy_ = false;
  }
  return !busy_;
}

void BufferedExchange::Finish() {
  MESHLIB_DCHECK(busy_ && loop_.IsCurrent());
  busy_ = false;
  if (connection_ != nullptr) return connection_->SendResponse(response_);
  delete this;
}

void BufferedExchange::Post(absl::AnyInvocable<void()> task) { loop_.Post(std::move(task)); }

void BufferedExchange::RunOnLoop(const LoopHandler& handler) {
  const net::ActivityScope activity(loop_, {"the loop handler of", serving_->address});
  try {
    return handler(*this);
  } catch (const std::exception& error) {
    serving_->ReportHandler(error.what());
  } catch (...) {
    serving_->ReportHandler(kStrangeException);
  }
  if (!busy_) return;
  response_ = FailedResponse();
  Finish();
}

void BufferedExchange::RunOnWorker() {
  serving_->running_handlers.Add();
  if (serving_->dependencies.workers.Submit(this) == WorkerPool::Submitted::kQueued) {
    queue_timer_.ArmAt(loop_.Now() + serving_->dependencies.worker_queue_time);
  }
}

void BufferedExchange::Run() {
  // Kept here, because the loop may destroy this as soon as it has been told.
  const std::shared_ptr<Serving> serving = serving_;
  try {
    response_ = std::get<HttpHandler>(serving->handler)(request_);
  } catch (const std::exception& error) {
    serving->ReportHandler(error.what());
    response_ = FailedResponse();
  } catch (...) {
    serving->ReportHandler(kStrangeException);
    response_ = FailedResponse();
  }
  loop_.Post([this] { OnWorkerDone(); });
  serving->running_handlers.Remove();
}

void BufferedExchange::OnWorkerDone() {
  queue_timer_.Cancel();
  busy_ = false;
  if (connection_ == nullptr) {
    delete this;
    return;
  }
  Connection& connection = *connection_;
  connection.SendResponseNow(response_);
}

void BufferedExchange::OnQueuedTooLong() {
  if (!serving_->dependencies.workers.Cancel(this)) return;  // it has just been started
  serving_->running_handlers.Remove();
  busy_ = false;
  response_ = HttpResponse::Text(503, "overloaded: all workers are busy");
  connection_->SendResponse(response_, "UO");
}

}  // namespace meshlib::server
