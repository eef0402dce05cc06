// SPDX-License-Identifier: Apache-2.0
// The Attempts of an OutgoingCall, its time-outs, and its end.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "client/call_loop.h"
#include "client/endpoint_security.h"
#include "client/outgoing_call.h"

namespace meshlib::client {
namespace {

using base::AbslView;

connection::PoolSettings SettingsOf(const resource::Cluster& cluster,
                                    const ClientOptions& options) {
  absl::Duration idle = cluster.idle_timeout.value_or(absl::Hours(1));
  // Zero is no limit of the Cluster's; ours stands all the same.
  if (idle <= absl::ZeroDuration()) idle = absl::InfiniteDuration();
  return {.connect_timeout = cluster.connect_timeout,
          .idle_timeout = std::min(idle, options.connection_idle_timeout),
          .max_requests_per_connection = cluster.max_requests_per_connection,
          .max_connection_duration = cluster.max_connection_duration,
          .max_connections = cluster.circuit_breakers.max_connections,
          .max_pending_requests = cluster.circuit_breakers.max_pending_requests};
}

// Waiting for a control plane that has never answered looks for it no more often than this.
constexpr absl::Duration kLeastUnknownHostWait = absl::Milliseconds(100);

// So that a root that was withdrawn is not relied on for ever.
void LimitAge(const ClientOptions& options, connection::PoolSettings& settings) {
  const absl::Duration limit = settings.max_connection_duration.value_or(absl::InfiniteDuration());
  settings.max_connection_duration = std::min(limit, options.max_tls_connection_age);
}

}  // namespace

void OutgoingCall::StartAttempt(const snapshot::ClusterEntry& cluster, const pick::Picked& picked) {
  cluster_ = cluster.cluster.get();
  const EndpointSecurity security =
      SecurityOf(*attempt_pin_.get(), cluster, picked.tls_mode, destination_, called_as_);
  const auto tls = security.Context();
  if (!tls.ok() && security.IsAwaited()) return WaitForCertificate(tls.status());
  if (!tls.ok()) {
    return Fail(CallFailure::Of(CallErrorReason::kSecurity,
                                absl::StrCat("security: cluster \"", cluster_->name.value,
                                             "\": ", tls.status().message())));
  }
  ++attempts_;
  previous_.push_back(picked.endpoint);
  // A place in the retry limit of a Cluster that came anew would be given back to the old one.
  if (retries_ && cluster_state_ != cluster.state) retries_->OnSettled();
  // Mostly the one of the Call before.
  if (cluster_state_ != cluster.state) cluster_state_ = cluster.state;
  RewriteForAttempt(picked);
  wait_timer_.Cancel();
  step_ = Step::kAttempt;
  attempt_started_ = last_activity_ = loop_.loop().Now();
  UpdateDeadline();
  if (timeouts_.per_try_idle) ArmIdleTimer();
  connection::PoolSettings settings = SettingsOf(*cluster_, loop_.environment().options);
  const connection::ConnectTo to{.more_addresses = picked.more_addresses,
                                 .tls = *tls == nullptr ? nullptr : &*tls};
  if (to.tls != nullptr) LimitAge(loop_.environment().options, settings);
  connection::EndpointPool& pool = loop_.pools().Get(*picked.owner, cluster.state, security.host);
  endpoint_name_.assign(pool.name());
  CallErrorReason reason{};
  const absl::Status started =
      attempt_.Start(pool, *cluster_, settings, to, {&head_, &body_, response_}, &reason);
  if (!started.ok()) return OnAttemptFailed(reason, started);
  if (attempt_.unsent() == 0) OnAttemptWritable();
}

void OutgoingCall::RewriteForAttempt(const pick::Picked& picked) {
  if (route_.route() == nullptr) return;
  if (picked.hostname != nullptr) {
    route::RewriteAutoHost(*route_.forward(), *picked.hostname, *route_.http(), head_);
  }
  route::SetAttemptCount(*route_.virtual_host(), attempts_, head_.headers);
  if (attempts_ == 1 || route_.http()->suppress_envoy_headers) return;
  const absl::Time now = loop_.loop().Now();
  policy::SetExpectedTimeout(timeouts_, now - request_end_.value_or(now), head_.headers);
}

void OutgoingCall::OnAttemptHead() {
  last_activity_ = loop_.loop().Now();
  if (retries_) {
    if (retries_->enabled() && body_.IsReplayable()) {
      const policy::RetryVerdict verdict = retries_->OnResponse(
          response_->status, response_->headers, *cluster_state_, cluster_->circuit_breakers);
      if (verdict.kind == policy::RetryVerdict::Kind::kRetry) {
        attempt_.Cancel();
        return Backoff(verdict.backoff);
      }
      if (verdict.kind == policy::RetryVerdict::Kind::kLimitExceeded) flag_ = "URX";
      if (verdict.kind == policy::RetryVerdict::Kind::kOverflow) flag_ = "UO";
    }
    retries_->OnSettled();
  }
  // The per-try time-out is over once an answer goes to the caller (Envoy).
  attempt_timer_.Cancel();
  if (route_.route() != nullptr) RewriteResponse(response_->status);
  head_told_ = true;
  handler_->OnHead(*response_);
}

void OutgoingCall::OnAttemptBody(std::string_view bytes) {
  last_activity_ = loop_.loop().Now();
  response_bytes_ += bytes.size();
  handler_->OnBody(bytes);
}

void OutgoingCall::OnAttemptEnd() { End(); }

void OutgoingCall::OnAttemptFailed(CallErrorReason reason, const absl::Status& cause) {
  attempt_timer_.Cancel();
  const bool may_retry =
      retries_ && !head_told_ && body_.IsReplayable() && reason != CallErrorReason::kInvalidRequest;
  if (may_retry) {
    const policy::RetryVerdict verdict =
        retries_->OnFailure(reason, {.request_started = attempt_.was_sent()}, *cluster_state_,
                            cluster_->circuit_breakers);
    if (verdict.kind == policy::RetryVerdict::Kind::kRetry) return Backoff(verdict.backoff);
    if (verdict.kind == policy::RetryVerdict::Kind::kLimitExceeded) flag_ = "URX";
  }
  FailAttempt(reason, base::StdView(cause.message()));
}

void OutgoingCall::OnAttemptWritable() {
  last_activity_ = loop_.loop().Now();
  if (!writer_waits_) return;
  writer_waits_ = false;
  handler_->OnWritable();
}

void OutgoingCall::FailAttempt(CallErrorReason reason, std::string_view cause) {
  const bool is_ours = reason == CallErrorReason::kInvalidRequest;
  std::string text = absl::StrCat(is_ours ? "client: " : "connection: cluster \"");
  if (!is_ours) absl::StrAppend(&text, cluster_->name.value, "\" endpoint ", endpoint_name_, ": ");
  absl::StrAppend(&text, AbslView(cause));
  if (attempts_ > 1) absl::StrAppend(&text, " (the last of ", attempts_, " Attempts)");
  CallFailure failure = CallFailure::Of(reason, std::move(text));
  if (flag_ == "URX") failure.reason = CallErrorReason::kRetryLimit;
  Fail(std::move(failure));
}

void OutgoingCall::Backoff(absl::Duration delay) {
  // What the next Attempt needs is picked then; the snapshot need not be held until it.
  attempt_timer_.Cancel();
  Wait(Step::kBackoff, loop_.loop().Now() + delay);
}

void OutgoingCall::Wait(Step step, absl::Time until) {
  step_ = step;
  wait_timer_.ArmAt(until);
}

void OutgoingCall::OnWaited() {
  switch (step_) {
    case Step::kStarting:
      return FindListener();
    case Step::kConfiguration:
      if (!loop_.environment().demand.HasAnswered()) {
        return Wait(step_,
                    loop_.loop().Now() + std::max(kLeastUnknownHostWait,
                                                  loop_.environment().options.unknown_host_wait));
      }
      unknown_is_absent_ = true;
      return FindListener();
    case Step::kFaultDelay:
      return AfterFaultDelay();
    case Step::kLocalAnswer:
      return TellLocalAnswer();
    case Step::kFailing:
      return End();
    case Step::kBackoff:
      return Pick();
    case Step::kIdle:
    case Step::kPicking:
    case Step::kAttempt:
      return;
  }
}

void OutgoingCall::OnDeadline() {
  const std::string elapsed =
      absl::FormatDuration(absl::Trunc(loop_.loop().Now() - started_, absl::Milliseconds(1)));
  if (step_ == Step::kConfiguration) {
    const std::string_view name =
        listener_.empty() ? std::string_view(destination_.listener_names[0]) : listener_;
    return Fail(CallFailure::Of(CallErrorReason::kNotReady,
                                absl::StrCat("snapshot: Listener \"", AbslView(name),
                                             "\" did not arrive within ", elapsed)));
  }
  const char* what = deadline_.reason == CallErrorReason::kPeerTimeout ? "the route's time-out"
                                                                       : "the Call's deadline";
  if (step_ == Step::kPicking && !no_certificate_.empty()) {
    return Fail(CallFailure::Of(
        CallErrorReason::kNotReady,
        absl::StrCat("security: cluster \"", AbslView(route_.cluster_name()), "\": ", what,
                     " has passed after ", elapsed, " without a certificate: ", no_certificate_)));
  }
  Fail(CallFailure::Of(
      deadline_.reason,
      absl::StrCat("client: cluster \"", AbslView(route_.cluster_name()), "\": ", what,
                   " has passed after ", elapsed, " and ", attempts_, " Attempts")));
}

void OutgoingCall::OnAttemptTimeout() {
  attempt_.Cancel();
  OnAttemptFailed(CallErrorReason::kPeerTimeout,
                  absl::DeadlineExceededError("the per-try time-out has passed"));
}

void OutgoingCall::OnIdleTimeout() {
  const absl::Duration idle = loop_.loop().Now() - last_activity_;
  if (timeouts_.per_try_idle && idle >= *timeouts_.per_try_idle && step_ == Step::kAttempt) {
    attempt_.Cancel();
    return OnAttemptFailed(CallErrorReason::kPeerTimeout,
                           absl::DeadlineExceededError("the per-try idle time-out has passed"));
  }
  if (!timeouts_.idle || idle < *timeouts_.idle) return ArmIdleTimer();
  Fail(CallFailure::Of(CallErrorReason::kIdleTimeout,
                       absl::StrCat("client: no byte in either direction for ",
                                    absl::FormatDuration(*timeouts_.idle))));
}

void OutgoingCall::UpdateDeadline() {
  const policy::Deadline deadline =
      policy::CallDeadline(timeouts_, started_, request_end_, callers_deadline_);
  if (deadline.at != deadline_.at) deadline_timer_.ArmAt(deadline.at);
  deadline_ = deadline;
  if (step_ != Step::kAttempt) return;
  const absl::Time end =
      policy::AttemptDeadline(timeouts_, attempt_started_, request_end_, deadline_).at;
  if (end < deadline_.at && !head_told_) attempt_timer_.ArmAt(end);
}

// Not for each byte: an expiry looks when the last one was. Most Calls have a deadline before.
void OutgoingCall::ArmIdleTimer() {
  last_activity_ = std::max(last_activity_, started_);
  absl::Duration limit = timeouts_.idle.value_or(absl::InfiniteDuration());
  if (timeouts_.per_try_idle && step_ == Step::kAttempt) {
    limit = std::min(limit, *timeouts_.per_try_idle);
  }
  const absl::Time end = last_activity_ + limit;
  if (end < deadline_.at) idle_timer_.ArmAt(end);
}

void OutgoingCall::End() {
  absl::Status status;
  if (failure_) {
    status = MakeCallError({failure_->reason, failure_->http_status, attempts_}, failure_->message);
  }
  StreamHandler* const handler = handler_;
  const HttpResponse* const response = response_;
  attempt_.Cancel();
  Report(status);
  Recycle();
  if (status.ok()) return handler->OnEnd(response->trailers);
  handler->OnFailed(status);
}

void OutgoingCall::Report(const absl::Status& status) {
  if (info_ != nullptr) {
    info_->cluster.assign(route_.cluster_name());
    info_->endpoint.assign(endpoint_name_);
    info_->route.assign(route_.route_name());
    info_->attempts = attempts_;
  }
  base::Observer* const observer = loop_.environment().observer;
  if (observer == nullptr) return;
  const std::optional<CallError> error = CallErrorOf(status);
  base::CallRecord record;
  record.method = head_.method;
  record.authority = head_.authority;
  record.path = head_.path;
  record.route = route_.route_name();
  record.cluster = route_.cluster_name();
  record.endpoint = endpoint_name_;
  record.status = error ? error->http_status : response_->status;
  record.flag = error ? error->flag() : flag_;
  record.attempts = attempts_;
  record.duration = loop_.loop().Now() - started_;
  record.request_bytes = body_.size();
  record.response_bytes = response_bytes_;
  observer->OnCallEnd(record);
}

void OutgoingCall::Recycle() {
  wait_timer_.Cancel();
  deadline_timer_.Cancel();
  attempt_timer_.Cancel();
  idle_timer_.Cancel();
  loop_.RemoveWaiting(*this);
  step_ = Step::kIdle;
  unknown_is_absent_ = head_told_ = writer_waits_ = false;
  response_ = nullptr;
  handler_ = nullptr;
  info_ = nullptr;
  body_.SetWhole({});
  request_end_.reset();
  timeouts_ = {};
  fault_.reset();
  retries_.reset();
  local_body_.clear();
  no_certificate_.clear();
  failure_.reset();
  route_.Reset();
  attempt_pin_.Reset();
  cluster_ = nullptr;
  previous_.clear();
  endpoint_name_.clear();
  attempts_ = 0;
  response_bytes_ = 0;
  flag_ = "-";
  loop_.Recycle(*this);
}

void OutgoingCall::RewriteResponse(int response_code) {
  const route::RequestHead request = head_.View();
  route::FormatContext context = Context();
  context.request = &request;
  context.response_code = response_code;
  route::RewriteResponse(route_.chosen(), context, response_->headers, scratch_);
}

route::FormatContext OutgoingCall::Context() const {
  route::FormatContext context;
  context.response = response_ == nullptr ? nullptr : &response_->headers;
  context.response_code = response_ == nullptr ? 0 : response_->status;
  context.route_name = route_.route_name();
  context.cluster = route_.cluster_name();
  context.endpoint = endpoint_name_;
  context.attempts = attempts_;
  return context;
}

}  // namespace meshlib::client
