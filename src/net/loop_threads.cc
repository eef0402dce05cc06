// SPDX-License-Identifier: Apache-2.0
#include "net/loop_threads.h"

#include <algorithm>
#include <condition_variable>
#include <system_error>
#include <utility>

#include "base/check.h"

namespace meshlib::net {
namespace {

constexpr int kMostByDefault = 4;

int DefaultCount() {
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMostByDefault);
}

}  // namespace

absl::StatusOr<std::unique_ptr<LoopThreads>> LoopThreads::Start(int count, base::Clock& clock) {
  std::unique_ptr<LoopThreads> self(new LoopThreads());
  for (int i = 0; i < (count > 0 ? count : DefaultCount()); ++i) {
    absl::StatusOr<std::unique_ptr<Loop>> loop = Loop::Create(clock);
    if (!loop.ok()) return loop.status();
    self->loops_.push_back(*std::move(loop));
  }
  try {
    base::MutexLock lock(self->mutex_);
    for (const std::unique_ptr<Loop>& loop : self->loops_) {
      self->threads_.emplace_back([running = loop.get()] { running->Run(); });
    }
  } catch (const std::system_error&) {
    return absl::ResourceExhaustedError("net: no thread left for a loop");
  }
  return self;
}

LoopThreads::~LoopThreads() { Stop(); }

size_t LoopThreads::NextIndex() {
  return next_.fetch_add(1, std::memory_order_relaxed) % loops_.size();
}

Loop& LoopThreads::Next() { return *loops_[NextIndex()]; }

size_t LoopThreads::CurrentIndex() const {
  size_t index = 0;
  while (index < loops_.size() && !loops_[index]->IsCurrent()) ++index;
  return index;
}

void LoopThreads::PostToAll(const std::function<void(size_t index)>& task) {
  for (size_t i = 0; i < loops_.size(); ++i) {
    loops_[i]->Post([task, i] { task(i); });
  }
}

void LoopThreads::RunOn(size_t index, absl::FunctionRef<void()> task) {
  if (loops_[index]->IsCurrent()) return task();
  base::Mutex mutex;
  std::condition_variable_any changed;
  bool done = false;
  {
    base::MutexLock lock(mutex_);
    if (threads_.empty()) return task();
    loops_[index]->Post([&] {
      task();
      base::MutexLock done_lock(mutex);
      done = true;
      changed.notify_all();
    });
  }
  mutex.lock();
  while (!done) changed.wait(mutex);
  mutex.unlock();
}

void LoopThreads::Stop() {
  if (CurrentIndex() < loops_.size()) {
    MESHLIB_BUG("loop threads were stopped on one of themselves");
    return;
  }
  std::vector<std::thread> ended;
  {
    base::MutexLock lock(mutex_);
    for (const std::unique_ptr<Loop>& loop : loops_) loop->Stop();
    ended.swap(threads_);
  }
  for (std::thread& thread : ended) thread.join();
  for (size_t i = 0; i < (ended.empty() ? 0 : loops_.size()); ++i) loops_[i]->Poll();
}

}  // namespace meshlib::net
