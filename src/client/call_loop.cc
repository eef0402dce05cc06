// SPDX-License-Identifier: Apache-2.0
#include "client/call_loop.h"

#include <algorithm>
#include <utility>

namespace meshlib::client {

CallLoop::CallLoop(net::Loop& loop, CallEnvironment& environment)
    : loop_(loop),
      environment_(environment),
      pins_(environment.snapshots),
      pools_(loop, environment.broker) {}

CallLoop::~CallLoop() { Shutdown(); }

OutgoingCall& CallLoop::NewCall() {
  if (!retired_.empty()) {
    if (retired_.back().turn == loop_.turn()) std::swap(retired_.front(), retired_.back());
    if (retired_.back().turn != loop_.turn()) {
      OutgoingCall& call = *retired_.back().call;
      retired_.pop_back();
      return call;
    }
  }
  calls_.push_back(std::make_unique<OutgoingCall>(*this));
  return *calls_.back();
}

void CallLoop::Recycle(OutgoingCall& call) { retired_.push_back({&call, loop_.turn()}); }

void CallLoop::Start(HttpExchange& exchange, HttpClient::Done done) {
  OutgoingCall& call = NewCall();
  call.buffered_answer().Begin(exchange, environment_.options.max_buffered_body, std::move(done));
  call.Start({.request = exchange.request,
              .options = exchange.options,
              .response = exchange.response,
              .handler = call.buffered_answer(),
              .info = &exchange.info});
}

void CallLoop::Submit(HttpExchange& exchange, HttpClient::Done done) {
  bool is_first = false;
  {
    base::MutexLock lock(mutex_);
    is_first = submitted_.empty();
    submitted_.push_back({&exchange, std::move(done)});
  }
  if (is_first) loop_.Post([this] { StartSubmitted(); });
}

void CallLoop::StartSubmitted() {
  {
    base::MutexLock lock(mutex_);
    starting_.swap(submitted_);
  }
  for (Submission& submission : starting_) Start(*submission.exchange, std::move(submission.done));
  starting_.clear();
}

void CallLoop::Refresh() {
  const SnapshotPins::Pin pin = pins_.PinCurrent();
  if (pin.get() != nullptr) DropOldPickMemories(*pin.get());
  pools_.Sweep();
  pins_.DropUnpinned();
  for (OutgoingCall* call : std::exchange(waiting_, {})) call->OnSnapshot();
}

void CallLoop::Shutdown() {
  shut_down_ = true;
  // Those that end may start others, which fail soon.
  const size_t count = calls_.size();
  for (size_t i = 0; i < count; ++i) {
    if (!calls_[i]->is_active()) continue;
    calls_[i]->Fail(CallFailure::Of(CallErrorReason::kShutdown, "client: the Mesh is going away"));
  }
}

void CallLoop::AddWaiting(OutgoingCall& call) {
  if (std::find(waiting_.begin(), waiting_.end(), &call) == waiting_.end()) {
    waiting_.push_back(&call);
  }
}

void CallLoop::RemoveWaiting(OutgoingCall& call) { std::erase(waiting_, &call); }

pick::PickResult CallLoop::Pick(const snapshot::ClusterEntry& cluster,
                                std::span<const pick::EndpointState* const> previous,
                                uint32_t max_reselects, bool is_retry) {
  PickMemory& memory = pick_memories_[cluster.state];
  if (memory.picker != cluster.picker) memory = {cluster.picker, nullptr};
  return cluster.picker->Pick({.random = random_,
                               .state = memory.state,
                               .previous = previous,
                               .max_reselects = max_reselects,
                               .is_retry = is_retry});
}

// A memory must not keep a Picker alive that no snapshot has: a large one would be destroyed here.
void CallLoop::DropOldPickMemories(const snapshot::MeshSnapshot& newest) {
  for (auto it = pick_memories_.begin(); it != pick_memories_.end();) {
    const auto current = newest.clusters.find(it->first->name().value);
    const bool is_current =
        current != newest.clusters.end() && current->second->picker == it->second.picker;
    const auto candidate = it++;
    if (!is_current) pick_memories_.erase(candidate);
  }
}

}  // namespace meshlib::client
