// SPDX-License-Identifier: Apache-2.0
#include "client/outgoing_call.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "client/call_headers.h"
#include "client/call_loop.h"

namespace meshlib::client {
namespace {

using base::AbslView;

// A writer is held back while this much waits for the peer.
constexpr uint64_t kHighWater = 64 * 1024;

}  // namespace

OutgoingCall::OutgoingCall(CallLoop& loop)
    : loop_(loop),
      buffered_answer_(*this),
      wait_timer_(loop.loop().timers(), [this] { OnWaited(); }),
      deadline_timer_(loop.loop().timers(), [this] { OnDeadline(); }),
      attempt_timer_(loop.loop().timers(), [this] { OnAttemptTimeout(); }),
      idle_timer_(loop.loop().timers(), [this] { OnIdleTimeout(); }),
      attempt_(*this) {}

OutgoingCall::~OutgoingCall() = default;

void OutgoingCall::Start(const Order& order) {
  starting_ = true;
  step_ = Step::kStarting;
  response_ = &order.response;
  handler_ = &order.handler;
  info_ = order.info;
  started_ = loop_.loop().Now() - order.waited;
  callers_deadline_ =
      started_ + order.options.deadline.value_or(loop_.environment().options.default_deadline);
  deadline_ = {callers_deadline_, CallErrorReason::kDeadline};
  deadline_timer_.ArmAt(callers_deadline_);
  listener_.assign(order.options.listener);
  PrepareHead(order.request, order.options);
  if (order.streaming) {
    body_.SetStream();
    body_.Append(order.request.body);
  } else {
    body_.SetWhole(order.request.body);
  }
  const absl::Status decoded = destination_.Decode(order.request, loop_.environment().names);
  if (loop_.is_shut_down()) {
    Fail(CallFailure::Of(CallErrorReason::kShutdown, "client: the Mesh is going away"));
  } else if (!decoded.ok()) {
    Fail(CallFailure::Of(CallErrorReason::kInvalidRequest, std::string(decoded.message())));
  } else {
    if (destination_.tls) head_.scheme.assign("https");
    head_.authority.assign(destination_.authority);
    head_.path.assign(destination_.path);
    // What is written at once goes out with the head.
    if (order.streaming) Wait(Step::kStarting, started_);
    if (!order.streaming) FindListener();
  }
  starting_ = false;
}

void OutgoingCall::Cancel() {
  if (step_ == Step::kIdle) return;
  failure_.reset();
  attempt_.Cancel();
  Report(MakeCallError(
      {CallErrorReason::kCancelled, HttpStatusOf(CallErrorReason::kCancelled), attempts_},
      "client: cancelled by the caller"));
  Recycle();
}

void OutgoingCall::Fail(CallFailure failure) {
  if (step_ == Step::kIdle) return;
  attempt_.Cancel();
  failure_ = std::move(failure);
  if (!starting_) return End();
  Wait(Step::kFailing, loop_.loop().Now());
}

bool OutgoingCall::Write(std::string_view bytes) {
  if (step_ == Step::kIdle || body_.is_finished()) return true;
  body_.Append(bytes);
  last_activity_ = loop_.loop().Now();
  attempt_.OnBodyGrown();
  const uint64_t waiting = attempt_.is_active() ? attempt_.unsent() : body_.size();
  writer_waits_ = step_ != Step::kIdle && waiting >= kHighWater;
  return !writer_waits_;
}

void OutgoingCall::FinishBody(const Headers& trailers) {
  if (step_ == Step::kIdle || body_.is_finished()) return;
  body_.Finish(trailers);
  if (step_ == Step::kAttempt || step_ == Step::kBackoff || step_ == Step::kPicking) {
    request_end_ = loop_.loop().Now();
    UpdateDeadline();
  }
  attempt_.OnBodyGrown();
}

void OutgoingCall::PauseReading() { attempt_.PauseReading(); }
void OutgoingCall::ResumeReading() { attempt_.ResumeReading(); }

void OutgoingCall::OnSnapshot() {
  if (step_ == Step::kConfiguration) return FindListener();
  if (step_ == Step::kPicking) Pick();
}

void OutgoingCall::PrepareHead(const HttpRequest& request, const CallOptions& options) {
  head_.method.assign(request.method);
  head_.scheme.assign("http");  // of the URL, once that has been read
  head_.headers = request.headers;
  // Answered by the connection, or not at all: 100-continue is not waited for.
  head_.headers.Remove("expect");
  for (const Headers::Field field : options.headers) head_.headers.Set(field.name, field.value);
  if (options.parent != nullptr) PropagateHeaders(*options.parent);
}

void OutgoingCall::PropagateHeaders(const HttpRequest& parent) {
  for (const std::string& name : loop_.environment().options.propagate_headers) {
    if (head_.headers.Has(name)) continue;
    if (const auto value = parent.headers.Get(name)) head_.headers.Add(name, *value);
  }
}

void OutgoingCall::FindListener() {
  CallFailure failure;
  switch (route_.FindListener(loop_.pins().PinCurrent(), destination_, listener_,
                              unknown_is_absent_, loop_.environment(), &failure)) {
    case CallRoute::Step::kFailed:
      return Fail(std::move(failure));
    case CallRoute::Step::kDone:
      return ChooseRoute();
    case CallRoute::Step::kWait:
      break;
  }
  route_.Reset();
  loop_.AddWaiting(*this);
  const absl::Time limit = started_ + loop_.environment().options.unknown_host_wait;
  Wait(Step::kConfiguration, unknown_is_absent_ ? absl::InfiniteFuture() : limit);
}

void OutgoingCall::ChooseRoute() {
  wait_timer_.Cancel();
  loop_.RemoveWaiting(*this);
  if (route_.http() != nullptr) {
    router_headers_ = ManageRequestHeaders(*route_.http(), loop_.random(), &head_);
  }
  CallFailure failure;
  if (route_.ChooseRoute(destination_.port, loop_.random(), &head_, &failure) !=
      CallRoute::Step::kDone) {
    return Fail(std::move(failure));
  }
  if (route_.route() == nullptr) return Forward();
  fault_.emplace(policy::FaultInForce(*route_.http(), route_.virtual_host(), route_.route()->route,
                                      route_.weighted()),
                 head_.View(), route_.cluster_name(), loop_.environment().active_faults,
                 loop_.random());
  const absl::Duration delay = fault_->TakeDelay();
  if (delay <= absl::ZeroDuration()) return AfterFaultDelay();
  flag_ = "DI";
  Wait(Step::kFaultDelay, loop_.loop().Now() + delay);
}

void OutgoingCall::AfterFaultDelay() {
  if (const std::optional<policy::InjectedAbort> abort = fault_->TakeAbort()) {
    flag_ = "FI";
    response_->Clear();
    // Envoy's fault filter applies the route's mutations too, before there is a response code.
    if (route_.forward() != nullptr) RewriteResponse(/*response_code=*/0);
    return AnswerLocally({.status = abort->http_status,
                          .location = {},
                          .body = std::string(policy::kInjectedAbortBody),
                          .grpc_status = abort->grpc_status});
  }
  if (route_.forward() != nullptr) return Forward();
  response_->Clear();
  AnswerLocally(route::AnswerWithHeaders(route_.chosen(), Context(), *route_.http(), head_,
                                         response_->headers, scratch_));
}

void OutgoingCall::AnswerLocally(route::LocalAnswer answer) {
  route::AdaptToGrpc(head_.View(), answer, response_->headers);
  response_->status = answer.status;
  local_body_ = std::move(answer.body);
  if (!local_body_.empty()) {
    response_->headers.Set("content-length", absl::StrCat(local_body_.size()));
    if (!response_->headers.Has("content-type")) {
      response_->headers.Add("content-type", "text/plain");
    }
  }
  if (starting_) return Wait(Step::kLocalAnswer, loop_.loop().Now());
  TellLocalAnswer();
}

void OutgoingCall::TellLocalAnswer() {
  step_ = Step::kLocalAnswer;
  handler_->OnHead(*response_);
  if (step_ != Step::kLocalAnswer) return;
  response_bytes_ = local_body_.size();
  if (!local_body_.empty() && head_.method != "HEAD") handler_->OnBody(local_body_);
  if (step_ == Step::kLocalAnswer) End();
}

void OutgoingCall::Forward() {
  CallFailure failure;
  const bool in_mesh = route_.route() != nullptr;
  if (in_mesh && route_.FindCluster(&failure) != CallRoute::Step::kDone) {
    return Fail(std::move(failure));
  }
  if (in_mesh) {
    DecideRetriesAndTimeouts();
  } else {
    retries_.emplace(nullptr, head_.View(), policy::RouterHeaders::kIgnored, loop_.random());
    if (!retries_->enabled()) body_.GiveUpReplay();
  }
  called_as_.assign(head_.authority);
  if (body_.is_finished()) request_end_ = loop_.loop().Now();
  UpdateDeadline();
  ArmIdleTimer();
  Pick();
}

void OutgoingCall::DecideRetriesAndTimeouts() {
  const resource::RetryPolicy* policy = route_.route()->retry_policy;
  retries_.emplace(policy, head_.View(), router_headers_, loop_.random());
  timeouts_ = policy::DecideTimeouts(*route_.forward(), policy, *route_.http(), head_.headers,
                                     router_headers_);
  if (!retries_->enabled()) body_.GiveUpReplay();
  // The route may change it, but only for the first Attempt, as in Envoy.
  if (!route_.http()->suppress_envoy_headers) {
    policy::SetExpectedTimeout(timeouts_, absl::ZeroDuration(), head_.headers);
  }
  route::RewriteRequest(route_.chosen(), Context(), *route_.http(), head_, scratch_);
  policy::RemoveRouterHeaders(head_.headers);
}

bool OutgoingCall::CheckCluster(const resource::Cluster& cluster) {
  if (cluster.unusable) Fail(CallFailure::Of(CallErrorReason::kSecurity, *cluster.unusable));
  return step_ != Step::kIdle && step_ != Step::kFailing;
}

// Those of ORIGINAL_DST are wherever the caller wants to go, which DNS knows: null until it has
// answered. A gateway's callers are not to choose.
const snapshot::ClusterEntry* OutgoingCall::EndpointsOf(const snapshot::ClusterEntry& cluster) {
  const bool follows_caller =
      std::holds_alternative<resource::OriginalDestination>(cluster.cluster->discovery) &&
      !destination_.in_cluster_domain && listener_.empty();
  if (!follows_caller) return &cluster;
  const snapshot::ClusterEntry* host = attempt_pin_.get()->FindHost(destination_.host_and_port);
  if (host == nullptr) {
    loop_.environment().demand.RequireHost(destination_.host, destination_.port);
  }
  return host;
}

void OutgoingCall::WaitForEndpoints() {
  attempt_pin_.Reset();
  loop_.AddWaiting(*this);
  Wait(Step::kPicking, absl::InfiniteFuture());
}

void OutgoingCall::WaitForCertificate(const absl::Status& why) {
  no_certificate_ = std::string(why.message());
  WaitForEndpoints();
}

void OutgoingCall::Pick() {
  no_certificate_.clear();
  attempt_pin_ = loop_.pins().PinCurrent();
  const snapshot::ClusterEntry& cluster = *route_.Current(*attempt_pin_.get());
  if (!CheckCluster(*cluster.cluster)) return;
  const snapshot::ClusterEntry* const source = EndpointsOf(cluster);
  if (source == nullptr) return WaitForEndpoints();
  const bool avoids = retries_ && retries_->avoids_previous_endpoints();
  const pick::PickResult result =
      loop_.Pick(*source,
                 avoids ? std::span<const pick::EndpointState* const>(previous_)
                        : std::span<const pick::EndpointState* const>(),
                 avoids ? retries_->max_reselects() : 0, attempts_ > 0);
  const std::string& name = cluster.cluster->name.value;
  if (const auto* picked = std::get_if<pick::Picked>(&result)) {
    loop_.RemoveWaiting(*this);
    return StartAttempt(cluster, *picked);
  }
  if (std::holds_alternative<pick::PickWait>(result)) return WaitForEndpoints();
  if (const auto* drop = std::get_if<pick::PickDrop>(&result)) {
    return Fail(CallFailure::Of(
        CallErrorReason::kDropOverload,
        absl::StrCat("pick: cluster \"", name, "\": dropped (", *drop->category, ")")));
  }
  Fail(CallFailure::Of(
      CallErrorReason::kNoHealthyEndpoint,
      absl::StrCat("pick: cluster \"", name, "\": ", *std::get<pick::PickFail>(result).reason)));
}

}  // namespace meshlib::client
