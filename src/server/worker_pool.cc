// SPDX-License-Identifier: Apache-2.0
#include "server/worker_pool.h"

#include <algorithm>
#include <chrono>
#include <system_error>

namespace meshlib::server {

WorkerPool::~WorkerPool() {
  std::list<std::thread> threads;
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
    queue_.clear();
    threads.swap(threads_);
    threads.splice(threads.end(), ended_);
  }
  changed_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

WorkerPool::Submitted WorkerPool::Submit(WorkerJob* job) {
  Submitted submitted = Submitted::kTaken;
  {
    base::MutexLock lock(mutex_);
    queue_.push_back(job);
    if (queue_.size() > idle_ && !StartThread()) submitted = Submitted::kQueued;
  }
  changed_.notify_one();
  return submitted;
}

bool WorkerPool::Cancel(WorkerJob* job) {
  base::MutexLock lock(mutex_);
  return std::erase(queue_, job) > 0;
}

size_t WorkerPool::threads() const {
  base::MutexLock lock(mutex_);
  return threads_.size();
}

bool WorkerPool::StartThread() {
  JoinEnded();
  if (threads_.size() >= options_.max_threads) return false;
  const auto self = threads_.emplace(threads_.end());
  try {
    *self = std::thread([this, self] { Work(self); });
  } catch (const std::system_error&) {
    threads_.erase(self);
    return false;
  }
  ++idle_;
  return true;
}

// They have left mutex_ for the last time, or wait for nothing but it.
void WorkerPool::JoinEnded() {
  for (std::thread& thread : ended_) thread.join();
  ended_.clear();
}

// A thread is counted as idle from its start on, so that two jobs do not rely on one.
void WorkerPool::Work(std::list<std::thread>::iterator self) {
  while (WorkerJob* job = NextJob()) {
    job->Run();
    base::MutexLock lock(mutex_);
    ++idle_;
  }
  base::MutexLock lock(mutex_);
  if (!stopping_) ended_.splice(ended_.end(), threads_, self);
}

// nullptr: it is time to end.
WorkerJob* WorkerPool::NextJob() {
  const auto until =
      std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(options_.idle_time);
  base::MutexLock lock(mutex_);
  bool late = false;
  while (queue_.empty() && !stopping_ && !late) {
    late = changed_.wait_until(mutex_, until) == std::cv_status::timeout;
  }
  --idle_;
  if (queue_.empty() || stopping_) return nullptr;
  WorkerJob* job = queue_.front();
  queue_.pop_front();
  return job;
}

}  // namespace meshlib::server
