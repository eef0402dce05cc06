// SPDX-License-Identifier: Apache-2.0
// ControlThread: the one thread of a Mesh on which configuration lives.

#ifndef MESHLIB_MESH_CONTROL_THREAD_H_
#define MESHLIB_MESH_CONTROL_THREAD_H_

#include <memory>
#include <thread>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "net/loop.h"

namespace meshlib::mesh {

// Runs a Loop from Start() to Stop(). What lives on the Loop is made and destroyed by RunSync().
// Thread-safe.
class ControlThread final {
 public:
  static absl::StatusOr<std::unique_ptr<ControlThread>> Start(base::Clock& clock);
  // As Stop().
  ~ControlThread();

  net::Loop& loop() { return *loop_; }

  // Runs `task` on the thread and returns when it has run; on the calling thread when that is the
  // control thread, or when the control thread has been stopped.
  void RunSync(absl::FunctionRef<void()> task);

  // Ends and joins the thread. Must not be called on it.
  void Stop();

 private:
  explicit ControlThread(std::unique_ptr<net::Loop> loop);

  const std::unique_ptr<net::Loop> loop_;
  std::thread thread_;
};

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_CONTROL_THREAD_H_
