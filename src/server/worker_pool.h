// SPDX-License-Identifier: Apache-2.0
// WorkerPool: threads for handlers that block.

#ifndef MESHLIB_SERVER_WORKER_POOL_H_
#define MESHLIB_SERVER_WORKER_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace meshlib::server {

// Something to run once. Owned by whoever submits it, until it has run or was cancelled.
class WorkerJob {
 public:
  virtual ~WorkerJob() = default;
  // On a worker. May destroy the job.
  virtual void Run() = 0;
};

// A value.
struct WorkerPoolOptions {
  size_t max_threads = 256;
  // A worker that had nothing to do for so long ends.
  absl::Duration idle_time = absl::Seconds(10);
};

// Starts a thread when all are busy, up to the limit; jobs beyond wait in order. Thread-safe.
class WorkerPool final {
 public:
  explicit WorkerPool(const WorkerPoolOptions& options = {}) : options_(options) {}
  // Waits for the jobs that are running; those still queued are not run.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  enum class Submitted : uint8_t {
    kTaken,   // a worker is free, or was started
    kQueued,  // all are busy
  };
  Submitted Submit(WorkerJob* job);
  // Takes a job back that has not been started. False: it is running, or has run.
  bool Cancel(WorkerJob* job);

  size_t threads() const;

 private:
  void Work(std::list<std::thread>::iterator self);
  WorkerJob* NextJob();
  bool StartThread() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void JoinEnded() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const WorkerPoolOptions options_;
  mutable base::Mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<WorkerJob*> queue_ ABSL_GUARDED_BY(mutex_);
  std::list<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
  std::list<std::thread> ended_ ABSL_GUARDED_BY(mutex_);  // about to end: to be joined
  size_t idle_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_WORKER_POOL_H_
