// SPDX-License-Identifier: Apache-2.0
#include "mesh/control_thread.h"

#include <condition_variable>
#include <system_error>
#include <utility>

#include "base/mutex.h"

namespace meshlib::mesh {

absl::StatusOr<std::unique_ptr<ControlThread>> ControlThread::Start(base::Clock& clock) {
  auto loop = net::Loop::Create(clock);
  if (!loop.ok()) return loop.status();
  std::unique_ptr<ControlThread> control(new ControlThread(*std::move(loop)));
  try {
    control->thread_ = std::thread([loop = control->loop_.get()] { loop->Run(); });
  } catch (const std::system_error& error) {
    return absl::ResourceExhaustedError(std::string("mesh: control thread: ") + error.what());
  }
  return control;
}

ControlThread::ControlThread(std::unique_ptr<net::Loop> loop) : loop_(std::move(loop)) {}

ControlThread::~ControlThread() { Stop(); }

void ControlThread::RunSync(absl::FunctionRef<void()> task) {
  if (loop_->IsCurrent() || !thread_.joinable()) return task();
  base::Mutex mutex;
  std::condition_variable_any ran_changed;
  bool ran = false;
  loop_->Post([&] {
    task();
    base::MutexLock lock(mutex);
    ran = true;
    ran_changed.notify_one();
  });
  mutex.lock();
  while (!ran) ran_changed.wait(mutex);
  mutex.unlock();
}

void ControlThread::Stop() {
  if (!thread_.joinable()) return;
  loop_->Stop();
  thread_.join();
}

}  // namespace meshlib::mesh
