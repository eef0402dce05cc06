// SPDX-License-Identifier: Apache-2.0
#include "client/attempt.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"
#include "wire/encoder.h"

namespace meshlib::client {
namespace {

// Given to a connection at a time, so that a slow peer makes us copy no more than this.
constexpr size_t kSlice = 256 * 1024;

// RFC 9110 section 8.6: methods that anticipate content say so also when there is none.
bool AnticipatesContent(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

absl::Status Attempt::Start(connection::EndpointPool& pool, const resource::Cluster& cluster,
                            const connection::PoolSettings& settings,
                            const connection::ConnectTo& to, const Request& request,
                            CallErrorReason* reason) {
  request_ = request;
  pool_ = &pool;
  cluster_ = &cluster;
  was_sent_ = finished_ = chunked_ = paused_ = false;
  sent_ = 0;
  connection_ = nullptr;
  active_ = true;
  connection::Http1Connection* ready = nullptr;
  switch (pool.Acquire(settings, to, *this, &ready)) {
    case connection::EndpointPool::Acquired::kWaiting:
      return absl::OkStatus();
    case connection::EndpointPool::Acquired::kReady: {
      absl::Status sent = Send(*ready, reason);
      if (!sent.ok()) Settle();
      return sent;
    }
    case connection::EndpointPool::Acquired::kOverflow:
      break;
  }
  Settle();
  *reason = CallErrorReason::kOverflow;
  return absl::ResourceExhaustedError(
      absl::StrCat("max_pending_requests (", settings.max_pending_requests, ") are waiting"));
}

void Attempt::Cancel() {
  if (!active_) return;
  StopWaiting();
  connection::Http1Connection* connection = connection_;
  Settle();
  if (connection != nullptr) connection->Abandon();
}

void Attempt::OnBodyGrown() {
  if (connection_ == nullptr || finished_) return;
  if (absl::Status pumped = Pump(); !pumped.ok()) {
    Cancel();
    owner_.OnAttemptFailed(CallErrorReason::kInvalidRequest, pumped);
  }
}

void Attempt::PauseReading() {
  paused_ = true;
  if (connection_ != nullptr) connection_->PauseReading();
}

void Attempt::ResumeReading() {
  paused_ = false;
  if (connection_ != nullptr) connection_->ResumeReading();
}

uint64_t Attempt::unsent() const {
  if (!active_) return 0;
  return request_.body->size() - sent_ + (connection_ == nullptr ? 0 : connection_->buffered());
}

void Attempt::OnConnection(connection::Http1Connection& connection) {
  CallErrorReason reason{};
  absl::Status sent = Send(connection, &reason);
  if (sent.ok()) {
    if (unsent() == 0) owner_.OnAttemptWritable();
    return;
  }
  Settle();
  owner_.OnAttemptFailed(reason, sent);
}

void Attempt::OnConnectionFailed(const absl::Status& cause) {
  Settle();
  owner_.OnAttemptFailed(CallErrorReason::kConnectionFailure, cause);
}

void Attempt::OnHead() { owner_.OnAttemptHead(); }

void Attempt::OnBody(std::string_view bytes) { owner_.OnAttemptBody(bytes); }

void Attempt::OnEnd() {
  Settle();
  owner_.OnAttemptEnd();
}

void Attempt::OnBroken(CallErrorReason reason, const absl::Status& cause) {
  Settle();
  owner_.OnAttemptFailed(reason, cause);
}

void Attempt::OnWritable() {
  OnBodyGrown();
  if (connection_ != nullptr && connection_->buffered() == 0) owner_.OnAttemptWritable();
}

absl::Status Attempt::Send(connection::Http1Connection& connection, CallErrorReason* reason) {
  // Envoy counts a request when a connection takes it, not while it waits for one.
  cluster_request_ = policy::AdmitRequest(pool_->cluster(), cluster_->circuit_breakers);
  if (!cluster_request_) {
    connection.Decline();
    *reason = CallErrorReason::kOverflow;
    return absl::ResourceExhaustedError(
        absl::StrCat("max_requests (", cluster_->circuit_breakers.max_requests, ") are under way"));
  }
  endpoint_request_ = policy::CountToken::Take(pool_->endpoint().active_requests);
  *reason = CallErrorReason::kInvalidRequest;
  const wire::BodyFraming framing = Framing();
  chunked_ = framing.kind == wire::BodyFraming::Kind::kChunked;
  has_promise_ = !chunked_ && !request_.body->is_finished();
  promised_ = framing.length;
  const route::OutgoingHead& head = *request_.head;
  absl::Status begun = connection.Begin({head.method, head.path, head.authority}, head.headers,
                                        framing, *request_.response, *this);
  if (!begun.ok()) return begun;
  connection_ = &connection;
  was_sent_ = true;
  if (paused_) connection.PauseReading();
  absl::Status pumped = Pump();
  if (!pumped.ok()) Cancel();
  return pumped;
}

wire::BodyFraming Attempt::Framing() const {
  const RequestBody& body = *request_.body;
  if (body.is_finished()) {
    if (!body.trailers().empty()) return wire::BodyFraming::Chunked();
    const bool none = body.size() == 0 && !AnticipatesContent(request_.head->method);
    return none ? wire::BodyFraming::None() : wire::BodyFraming::Length(body.size());
  }
  uint64_t length = 0;
  const auto given = request_.head->headers.Get("content-length");
  if (!given) return wire::BodyFraming::Chunked();
  const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), length);
  const bool is_number = error == std::errc() && end == given->data() + given->size();
  return is_number ? wire::BodyFraming::Length(length) : wire::BodyFraming::Chunked();
}

// Hands the connection as much of the body as it takes without holding on to much.
absl::Status Attempt::Pump() {
  RequestBody& body = *request_.body;
  const bool too_long = has_promise_ && body.size() > promised_;
  const bool too_short = has_promise_ && body.is_finished() && body.size() < promised_;
  if (too_long || too_short) {
    return absl::InvalidArgumentError(absl::StrCat("the body is ", too_long ? "longer" : "shorter",
                                                   " than its content-length (", promised_, ")"));
  }
  while (sent_ < body.size() && connection_->buffered() < kSlice) {
    const std::string_view piece = body.From(sent_).substr(0, kSlice);
    connection_->Write(piece);
    sent_ += piece.size();
  }
  body.OnSent(sent_);
  if (!finished_ && body.is_finished() && sent_ == body.size()) {
    finished_ = true;
    if (absl::Status ended = connection_->Finish(body.trailers()); !ended.ok()) return ended;
  }
  connection_->Flush();
  return absl::OkStatus();
}

void Attempt::Settle() {
  active_ = false;
  connection_ = nullptr;
  cluster_request_.Release();
  endpoint_request_.Release();
}

}  // namespace meshlib::client
