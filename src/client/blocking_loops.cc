// SPDX-License-Identifier: Apache-2.0
#include "client/blocking_loops.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/call_failure.h"

namespace meshlib::client {
namespace {

absl::Status ErrorOf(CallErrorReason reason, const std::string& message) {
  return MakeCallError({reason, HttpStatusOf(reason), 0}, message);
}

}  // namespace

absl::StatusOr<std::unique_ptr<BlockingLoop>> BlockingLoops::Borrow(absl::Duration limit) {
  base::MutexLock lock(mutex_);
  const absl::Duration waited = IsExhausted() ? AwaitIdle(limit) : absl::ZeroDuration();
  if (shut_down_) return ErrorOf(CallErrorReason::kShutdown, "client: the Mesh is going away");
  if (IsExhausted()) {
    return ErrorOf(CallErrorReason::kOverflow, absl::StrCat("client: all ", count_,
                                                            " blocking loops were in use until the "
                                                            "Call's deadline"));
  }
  std::unique_ptr<BlockingLoop> loop;
  if (idle_.empty()) {
    absl::StatusOr<std::unique_ptr<BlockingLoop>> made = Make();
    if (!made.ok())
      return ErrorOf(CallErrorReason::kOverflow, std::string(made.status().message()));
    loop = *std::move(made);
    ++count_;
  } else {
    loop = std::move(idle_.back());
    idle_.pop_back();
  }
  loop->waited = waited;
  borrowed_.push_back(loop.get());
  return loop;
}

absl::Duration BlockingLoops::AwaitIdle(absl::Duration limit) {
  const absl::Time asked = environment_.clock.Now();
  const absl::Time deadline = asked + limit;
  ++waiting_;
  while (!shut_down_ && IsExhausted()) {
    const absl::Duration left = deadline - environment_.clock.Now();
    if (left <= absl::ZeroDuration()) break;
    // Not for ever: the standard library's clocks end before ours.
    returned_.wait_for(mutex_, absl::ToChronoMicroseconds(std::min(left, absl::Hours(1))));
  }
  --waiting_;
  return environment_.clock.Now() - asked;
}

void BlockingLoops::Return(std::unique_ptr<BlockingLoop> loop) {
  loop->last_used = loop->loop->Now();
  base::MutexLock lock(mutex_);
  PutBack(std::move(loop));
}

// Sorted by last_used, so that a visit does not make a loop look fresh.
void BlockingLoops::PutBack(std::unique_ptr<BlockingLoop> loop) {
  std::erase(borrowed_, loop.get());
  const auto later = std::find_if(idle_.rbegin(), idle_.rend(), [&](const auto& other) {
    return other->last_used <= loop->last_used;
  });
  idle_.insert(later.base(), std::move(loop));
  if (waiting_ > 0 || shut_down_) returned_.notify_all();
}

void BlockingLoops::Refresh() {
  {
    base::MutexLock lock(mutex_);
    for (BlockingLoop* loop : borrowed_) {
      loop->loop->Post([calls = loop->calls.get()] { calls->Refresh(); });
    }
  }
  VisitIdle([](BlockingLoop& loop) {
    loop.loop->Post([calls = loop.calls.get()] { calls->Refresh(); });
    loop.loop->Poll();
  });
}

void BlockingLoops::PollIdle() {
  VisitIdle([](BlockingLoop& loop) { loop.loop->Poll(); });
}

void BlockingLoops::Reap(absl::Duration longer_than) {
  const absl::Time limit = environment_.clock.Now() - longer_than;
  std::vector<std::unique_ptr<BlockingLoop>> reaped;
  base::MutexLock lock(mutex_);
  while (!idle_.empty() && idle_.front()->last_used < limit) {
    reaped.push_back(std::move(idle_.front()));
    idle_.erase(idle_.begin());
    --count_;
  }
}

void BlockingLoops::Shutdown() {
  std::vector<std::unique_ptr<BlockingLoop>> ended;
  base::MutexLock lock(mutex_);
  shut_down_ = true;
  returned_.notify_all();
  for (BlockingLoop* loop : borrowed_) {
    loop->loop->Post([calls = loop->calls.get()] { calls->Shutdown(); });
  }
  while (!borrowed_.empty()) returned_.wait(mutex_);
  ended.swap(idle_);
  count_ = 0;
}

size_t BlockingLoops::idle() const {
  base::MutexLock lock(mutex_);
  return idle_.size();
}

void BlockingLoops::VisitIdle(absl::FunctionRef<void(BlockingLoop&)> visit) {
  uint64_t round = 0;
  {
    base::MutexLock lock(mutex_);
    round = ++rounds_;
  }
  while (std::unique_ptr<BlockingLoop> loop = TakeUnvisited(round)) {
    visit(*loop);
    base::MutexLock lock(mutex_);
    PutBack(std::move(loop));
  }
}

std::unique_ptr<BlockingLoop> BlockingLoops::TakeUnvisited(uint64_t round) {
  base::MutexLock lock(mutex_);
  const auto next = std::find_if(idle_.begin(), idle_.end(),
                                 [&](const auto& loop) { return loop->round < round; });
  if (next == idle_.end()) return nullptr;
  std::unique_ptr<BlockingLoop> loop = std::move(*next);
  idle_.erase(next);
  loop->round = round;
  borrowed_.push_back(loop.get());
  return loop;
}

absl::StatusOr<std::unique_ptr<BlockingLoop>> BlockingLoops::Make() {
  absl::StatusOr<std::unique_ptr<net::Loop>> loop = net::Loop::Create(environment_.clock);
  if (!loop.ok()) return loop.status();
  auto made = std::make_unique<BlockingLoop>();
  made->loop = *std::move(loop);
  made->loop->WaitInReads();
  made->calls = std::make_unique<CallLoop>(*made->loop, environment_);
  return made;
}

}  // namespace meshlib::client
