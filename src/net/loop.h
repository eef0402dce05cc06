// SPDX-License-Identifier: Apache-2.0
// Loop: the epoll event loop that everything with a socket lives on.
//
// Level-triggered epoll, one eventfd for wake-ups, one timerfd for the next timer. It owns no
// thread: Run() serves the loop on the calling thread until the condition holds, so that a blocking
// Call can borrow it.

#ifndef MESHLIB_NET_LOOP_H_
#define MESHLIB_NET_LOOP_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/event_loop.h"
#include "base/mutex.h"
#include "net/busy_poll.h"

struct epoll_event;

namespace meshlib::net {

// What a watched descriptor is ready for; a set of bits.
enum Readiness : uint32_t { kReadable = 1, kWritable = 2, kError = 4 };

// Receives the readiness of one descriptor, on the loop. kError may come without having been asked
// for, and comes again until the descriptor is unwatched: take it as readable, and the read says
// what happened.
class FdHandler {
 public:
  virtual ~FdHandler() = default;
  virtual void OnReady(uint32_t readiness) = 0;
  // Waits for the peer by reading, no longer than ByteStream::kPatience, and keeps what comes for
  // the OnReady(kReadable) that follows at once. False: nothing came.
  virtual bool Await() { return false; }
};

class KernelTimer;

// What a loop is doing for the program, for messages about misuse: "the loop handler of
// 127.0.0.1:9080". The text is not owned. A value.
struct LoopActivity {
  std::string_view kind;     // "the loop handler of"
  std::string_view subject;  // "127.0.0.1:9080"
  std::string ToString() const;
};

// Loop-bound, but Post(), Stop() and IsCurrent() are thread-safe. Between two Run()s it may move
// to another thread.
class Loop final : public base::EventLoop {
 public:
  // RESOURCE_EXHAUSTED when the process has no descriptors left.
  static absl::StatusOr<std::unique_ptr<Loop>> Create(base::Clock& clock);
  // Runs no more tasks; destroys those queued. REQUIRES: not running.
  ~Loop() override;

  void Post(absl::AnyInvocable<void()> task) override;
  bool IsCurrent() const override;
  absl::Time Now() const override { return now_; }
  base::TimerQueue& timers() override { return timers_; }
  // Counts the turns: what was begun in an earlier one has returned by now. Loop thread only.
  uint64_t turn() const { return turn_; }

  // Loop thread only.
  LoopActivity activity() const { return activity_; }

  // Serves I/O, timers and tasks until `done()` (checked between turns) or Stop().
  void Run(absl::FunctionRef<bool()> done);
  void Run();  // until Stop()
  // One turn without waiting.
  void Poll();
  // Makes the current and the next Run() return. Sticky.
  void Stop();

  // Watches `fd` for `interest` (Readiness bits). `handler` must stay valid until Unwatch(); a
  // handler may unwatch itself and others while it runs. Level-triggered.
  absl::Status Watch(int fd, uint32_t interest, FdHandler* handler);
  absl::Status Modify(int fd, uint32_t interest, FdHandler* handler);
  void Unwatch(int fd, FdHandler* handler);

  // From now on, what is expected is waited for in a read: one system call instead of two. For a
  // loop that serves one Call at a time: while it waits it is deaf to Post() and Stop(), for
  // ByteStream::kPatience at most, and sixteen such turns in a row are deaf to other descriptors.
  // Timers are not missed.
  void WaitInReads() { waits_in_reads_ = true; }
  // The next event is likely to be that `handler`, which is watched, can read. Counts once.
  void Expect(FdHandler* handler) { expected_ = waits_in_reads_ ? handler : nullptr; }

 private:
  friend class ActivityScope;

  Loop(base::Clock& clock, int epoll_fd, int event_fd, std::unique_ptr<KernelTimer> timer);
  void Wake();
  void Turn(bool wait);
  // False: this turn is to look at every descriptor.
  bool AwaitExpected(FdHandler* expected, absl::Time next_timer);
  void ServeDescriptors(bool wait);
  // Returns how many events there are: 0 when it is time to sleep.
  int LookBeforeSleeping(std::span<epoll_event> events);
  void DrainEventFd();
  void RunTasks();

  base::Clock& clock_;
  const int epoll_fd_;
  const int event_fd_;
  const std::unique_ptr<KernelTimer> kernel_timer_;
  std::atomic<uint64_t> running_thread_{0};
  std::atomic<bool> stopped_{false};
  std::atomic<bool> woken_{false};

  absl::Time now_;
  uint64_t turn_ = 0;
  bool waits_in_reads_ = false;
  FdHandler* expected_ = nullptr;
  int awaited_in_a_row_ = 0;
  BusyPoll busy_poll_;
  LoopActivity activity_;
  base::TimerQueue timers_;
  std::vector<FdHandler*> ready_;  // of the current turn, so that Unwatch can blank an entry
  std::vector<absl::AnyInvocable<void()>> running_tasks_;  // keeps its memory between turns

  base::Mutex mutex_;
  std::vector<absl::AnyInvocable<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
};

// Names what the loop does while it exists. Loop thread only.
class ActivityScope final {
 public:
  // REQUIRES: the texts of `activity` outlive it.
  ActivityScope(Loop& loop, LoopActivity activity)
      : loop_(loop), before_(std::exchange(loop.activity_, activity)) {}
  ~ActivityScope() { loop_.activity_ = before_; }
  ActivityScope(const ActivityScope&) = delete;
  ActivityScope& operator=(const ActivityScope&) = delete;

 private:
  Loop& loop_;
  const LoopActivity before_;
};

}  // namespace meshlib::net

#endif  // MESHLIB_NET_LOOP_H_
