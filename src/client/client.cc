// SPDX-License-Identifier: Apache-2.0
#include "client/client.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "client/blocking_call_stream.h"
#include "client/call_stream.h"

namespace meshlib::client {
namespace {

constexpr absl::Duration kReapAfter = absl::Seconds(10);
// A recycled buffer beyond this is not kept.
constexpr size_t kKeptBody = 1024 * 1024;

// Runs a Call on a borrowed loop. It starts when the condition is asked for the first time: the
// loop is running then, and knows the time.
void RunCall(BlockingLoop& loop, const CallOptions& options, HttpExchange& exchange,
             size_t max_body) {
  bool started = false;
  bool done = false;
  loop.loop->Run([&] {
    if (!std::exchange(started, true)) {
      OutgoingCall& call = loop.calls->NewCall();
      call.buffered_answer().Begin(exchange, max_body, [&done](HttpExchange&) { done = true; });
      call.Start({.request = exchange.request,
                  .options = options,
                  .response = exchange.response,
                  .handler = call.buffered_answer(),
                  .info = &exchange.info,
                  .waited = loop.waited});
    }
    return done;
  });
}

// A copy with memory of the right size; large bodies are moved.
HttpResponse TakeResponse(HttpResponse& recycled) {
  HttpResponse response;
  response.status = recycled.status;
  response.headers = recycled.headers;
  response.trailers = recycled.trailers;
  if (recycled.body.capacity() > kKeptBody) {
    response.body = std::exchange(recycled.body, {});
  } else {
    response.body = recycled.body;
  }
  return response;
}

}  // namespace

Client::Client(ClientOptions options, ClientDependencies dependencies)
    : threads_(dependencies.threads),
      environment_(std::move(options), dependencies.snapshots, dependencies.demand,
                   dependencies.clock, dependencies.observer,
                   [this] { blocking_loops_.PollIdle(); }),
      blocking_loops_(environment_) {
  for (size_t i = 0; i < threads_.size(); ++i) {
    loops_.push_back(std::make_unique<CallLoop>(threads_.loop(i), environment_));
  }
}

Client::~Client() {
  Shutdown();
  for (size_t i = 0; i < loops_.size(); ++i) {
    threads_.RunOn(i, [&] { loops_[i].reset(); });
  }
}

absl::Status Client::Call(HttpExchange& exchange) {
  absl::StatusOr<std::unique_ptr<BlockingLoop>> loop = Borrow(exchange.options);
  if (!loop.ok()) {
    exchange.status = loop.status();
    return exchange.status;
  }
  RunCall(**loop, exchange.options, exchange, environment_.options.max_buffered_body);
  blocking_loops_.Return(*std::move(loop));
  return exchange.status;
}

void Client::Start(HttpExchange& exchange, Done done) {
  const size_t current = threads_.CurrentIndex();
  if (current < loops_.size()) return loops_[current]->Start(exchange, std::move(done));
  loops_[threads_.NextIndex()]->Submit(exchange, std::move(done));
}

std::unique_ptr<HttpStream> Client::Open(const HttpRequest& request, const CallOptions& options,
                                         StreamHandler& handler) {
  const size_t current = threads_.CurrentIndex();
  if (current == loops_.size()) {
    MESHLIB_BUG("HttpClient::Open() was called outside the loops of its Mesh");
    return nullptr;
  }
  return std::make_unique<CallStream>(*loops_[current], request, options, handler);
}

absl::StatusOr<std::unique_ptr<BlockingStream>> Client::OpenBlocking(const HttpRequest& request,
                                                                     const CallOptions& options) {
  absl::StatusOr<std::unique_ptr<BlockingLoop>> loop = Borrow(options);
  if (!loop.ok()) return loop.status();
  return std::make_unique<BlockingCallStream>(blocking_loops_, *std::move(loop), request, options);
}

void Client::OnPublished() {
  threads_.PostToAll([this](size_t index) { loops_[index]->Refresh(); });
  blocking_loops_.Refresh();
  environment_.snapshots.DropRetired();
}

void Client::Visit() {
  blocking_loops_.Reap(kReapAfter);
  blocking_loops_.Refresh();
  environment_.snapshots.DropRetired();
}

void Client::Shutdown() {
  blocking_loops_.Shutdown();
  for (size_t i = 0; i < loops_.size(); ++i) {
    threads_.RunOn(i, [&] { loops_[i]->Shutdown(); });
  }
}

absl::StatusOr<HttpResponse> Client::CallOwned(std::string_view method, std::string_view url,
                                               std::string_view content_type, std::string_view body,
                                               const CallOptions& options) {
  absl::StatusOr<std::unique_ptr<BlockingLoop>> loop = Borrow(options);
  if (!loop.ok()) return loop.status();
  HttpExchange& exchange = (*loop)->exchange;
  exchange.request.Clear();
  exchange.request.method.assign(method);
  exchange.request.url.assign(url);
  if (!content_type.empty()) exchange.request.headers.Add("content-type", content_type);
  exchange.request.body.assign(body);
  RunCall(**loop, options, exchange, environment_.options.max_buffered_body);
  if (exchange.request.body.capacity() > kKeptBody) exchange.request.body = {};
  // Not shared with the loop, which another thread borrows next.
  const absl::Status status = std::exchange(exchange.status, absl::OkStatus());
  HttpResponse response;
  if (status.ok()) response = TakeResponse(exchange.response);
  blocking_loops_.Return(*std::move(loop));
  if (!status.ok()) return status;
  return response;
}

absl::StatusOr<std::unique_ptr<BlockingLoop>> Client::Borrow(const CallOptions& options) {
  if (const size_t current = threads_.CurrentIndex(); current < threads_.size()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "client: a blocking Call in ", threads_.loop(current).activity().ToString(),
        " would stall a loop of this Mesh: use Start() or co_await there, or a handler that may "
        "block (ServeHttp)"));
  }
  return blocking_loops_.Borrow(options.deadline.value_or(environment_.options.default_deadline));
}

}  // namespace meshlib::client
