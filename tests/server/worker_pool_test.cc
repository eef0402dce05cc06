// SPDX-License-Identifier: Apache-2.0
#include "server/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "server/server_fixture.h"

namespace meshlib::server {
namespace {

class FunctionJob final : public WorkerJob {
 public:
  explicit FunctionJob(std::function<void()> run) : run_(std::move(run)) {}
  void Run() override { run_(); }

 private:
  std::function<void()> run_;
};

TEST(WorkerPoolTest, OneWorkerServesManyJobsOneAfterTheOther) {
  WorkerPool pool;
  for (int i = 0; i < 20; ++i) {
    Signal done;
    FunctionJob job([&] { done.Set(); });
    pool.Submit(&job);
    ASSERT_TRUE(done.Wait());
  }
  EXPECT_LE(pool.threads(), 20u);
  EXPECT_GE(pool.threads(), 1u);
}

TEST(WorkerPoolTest, QueuesBeyondItsMostAndTakesJobsBack) {
  WorkerPool pool({.max_threads = 1});
  Signal started;
  Signal go_on;
  Signal last_ran;
  FunctionJob blocking([&] {
    started.Set();
    EXPECT_TRUE(go_on.Wait());
  });
  FunctionJob cancelled([] { ADD_FAILURE() << "cancelled"; });
  FunctionJob last([&] { last_ran.Set(); });
  EXPECT_EQ(pool.Submit(&blocking), WorkerPool::Submitted::kTaken);
  ASSERT_TRUE(started.Wait());
  EXPECT_EQ(pool.Submit(&cancelled), WorkerPool::Submitted::kQueued);
  EXPECT_EQ(pool.Submit(&last), WorkerPool::Submitted::kQueued);
  EXPECT_FALSE(pool.Cancel(&blocking));
  EXPECT_TRUE(pool.Cancel(&cancelled));
  EXPECT_FALSE(pool.Cancel(&cancelled));
  go_on.Set();
  EXPECT_TRUE(last_ran.Wait());
}

TEST(WorkerPoolTest, WorkersThatHaveNothingToDoEnd) {
  WorkerPool pool({.max_threads = 4, .idle_time = absl::Milliseconds(1)});
  Signal done;
  FunctionJob job([&] { done.Set(); });
  pool.Submit(&job);
  ASSERT_TRUE(done.Wait());
  while (pool.threads() > 0) std::this_thread::yield();
  Signal again;
  FunctionJob second([&] { again.Set(); });
  pool.Submit(&second);
  EXPECT_TRUE(again.Wait());
}

TEST(WorkerPoolTest, TheDestructorWaitsForRunningJobsOnly) {
  std::atomic<bool> ended{false};
  Signal started;
  FunctionJob running([&] {
    started.Set();
    for (int i = 0; i < 3; ++i) std::this_thread::yield();
    ended = true;
  });
  {
    WorkerPool pool({.max_threads = 1});
    pool.Submit(&running);
    ASSERT_TRUE(started.Wait());
  }
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace meshlib::server
