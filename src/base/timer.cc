// SPDX-License-Identifier: Apache-2.0
#include "base/timer.h"

#include <utility>

#include "base/check.h"

namespace meshlib::base {

TimerQueue::~TimerQueue() { MESHLIB_DCHECK(heap_.empty()); }

absl::Time TimerQueue::NextExpiry() const {
  return heap_.empty() ? absl::InfiniteFuture() : heap_.front()->when_;
}

int TimerQueue::RunExpired(absl::Time now) {
  // Only what is due at entry runs: take it out first, so that re-arming cannot loop forever.
  int ran = 0;
  for (size_t budget = heap_.size(); budget > 0; --budget) {
    if (heap_.empty() || heap_.front()->when_ > now) break;
    Timer* timer = heap_.front();
    Erase(timer);
    ++ran;
    bool destroyed = false;
    timer->destroyed_ = &destroyed;
    absl::AnyInvocable<void()> callback = std::move(timer->callback_);
    callback();
    if (destroyed) continue;
    timer->callback_ = std::move(callback);
    timer->destroyed_ = nullptr;
  }
  return ran;
}

void TimerQueue::Push(Timer* timer) {
  heap_.push_back(timer);
  timer->index_ = heap_.size() - 1;
  SiftUp(timer->index_);
}

void TimerQueue::Erase(Timer* timer) {
  const size_t index = timer->index_;
  timer->index_ = Timer::kNotArmed;
  Timer* last = heap_.back();
  heap_.pop_back();
  if (last == timer) return;
  Place(index, last);
  SiftUp(index);
  SiftDown(last->index_);
}

void TimerQueue::SiftUp(size_t index) {
  while (index > 0 && Before(index, (index - 1) / 2)) {
    const size_t parent = (index - 1) / 2;
    Timer* moved = heap_[index];
    Place(index, heap_[parent]);
    Place(parent, moved);
    index = parent;
  }
}

void TimerQueue::SiftDown(size_t index) {
  for (;;) {
    size_t least = index;
    for (size_t child = 2 * index + 1; child <= 2 * index + 2 && child < heap_.size(); ++child) {
      if (Before(child, least)) least = child;
    }
    if (least == index) return;
    Timer* moved = heap_[index];
    Place(index, heap_[least]);
    Place(least, moved);
    index = least;
  }
}

bool TimerQueue::Before(size_t a, size_t b) const { return heap_[a]->when_ < heap_[b]->when_; }

void TimerQueue::Place(size_t index, Timer* timer) {
  heap_[index] = timer;
  timer->index_ = index;
}

Timer::Timer(TimerQueue& queue, absl::AnyInvocable<void()> callback)
    : queue_(queue), callback_(std::move(callback)) {}

void Timer::ArmAt(absl::Time when) {
  Cancel();
  if (when == absl::InfiniteFuture()) return;
  when_ = when;
  queue_.Push(this);
}

void Timer::Cancel() {
  if (armed()) queue_.Erase(this);
}

Timer::~Timer() {
  Cancel();
  if (destroyed_ != nullptr) *destroyed_ = true;
}

}  // namespace meshlib::base
