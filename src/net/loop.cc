// SPDX-License-Identifier: Apache-2.0
#include "net/loop.h"

#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "net/byte_stream.h"
#include "net/fd.h"
#include "net/kernel_timer.h"

namespace meshlib::net {
namespace {

// Events taken per turn: enough that a busy loop needs few turns, little enough for the stack.
constexpr int kEventsPerTurn = 64;

// Turns in a row that look at the expected descriptor only.
constexpr int kAwaitsInARow = 16;

// Never 0 on Linux, where it is the address of the thread's descriptor.
uint64_t CurrentThread() { return static_cast<uint64_t>(pthread_self()); }

uint32_t EpollEvents(uint32_t interest) {
  uint32_t events = 0;
  if ((interest & kReadable) != 0) events |= EPOLLIN;
  if ((interest & kWritable) != 0) events |= EPOLLOUT;
  return events;
}

uint32_t ReadinessOf(uint32_t events) {
  uint32_t readiness = 0;
  if ((events & EPOLLIN) != 0) readiness |= kReadable;
  if ((events & EPOLLOUT) != 0) readiness |= kWritable;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) readiness |= kError;
  return readiness;
}

absl::Status Control(int epoll_fd, int operation, int fd, uint32_t interest, FdHandler* handler) {
  epoll_event event{};
  event.events = EpollEvents(interest);
  event.data.ptr = handler;
  if (epoll_ctl(epoll_fd, operation, fd, &event) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("net: epoll_ctl for descriptor ", fd));
}

}  // namespace

std::string LoopActivity::ToString() const {
  if (kind.empty()) return "a task of a loop thread";
  std::string text(kind);
  if (!subject.empty()) text.append(" ").append(subject);
  return text;
}

absl::StatusOr<std::unique_ptr<Loop>> Loop::Create(base::Clock& clock) {
  const int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) return absl::ResourceExhaustedError("net: no descriptor left for an epoll set");
  const int event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (event_fd < 0) {
    close(epoll_fd);
    return absl::ResourceExhaustedError("net: no descriptor left for an eventfd");
  }
  Fd timer_fd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer_fd) {
    close(epoll_fd);
    close(event_fd);
    return absl::ResourceExhaustedError("net: no descriptor left for a timerfd");
  }
  std::unique_ptr<Loop> loop(
      new Loop(clock, epoll_fd, event_fd, std::make_unique<KernelTimer>(std::move(timer_fd))));
  // A null handler marks the eventfd.
  absl::Status watched = loop->Watch(event_fd, kReadable, nullptr);
  if (watched.ok()) {
    watched = loop->Watch(loop->kernel_timer_->fd(), kReadable, loop->kernel_timer_.get());
  }
  if (!watched.ok()) return absl::ResourceExhaustedError(watched.message());
  return loop;
}

Loop::Loop(base::Clock& clock, int epoll_fd, int event_fd, std::unique_ptr<KernelTimer> timer)
    : clock_(clock),
      epoll_fd_(epoll_fd),
      event_fd_(event_fd),
      kernel_timer_(std::move(timer)),
      now_(clock.Now()) {
  ready_.reserve(kEventsPerTurn);
}

Loop::~Loop() {
  MESHLIB_DCHECK(running_thread_.load() == 0);
  // Destroying a task may post another.
  for (bool more = true; more;) {
    std::vector<absl::AnyInvocable<void()>> dropped;
    {
      base::MutexLock lock(mutex_);
      dropped.swap(tasks_);
    }
    more = !dropped.empty();
  }
  close(event_fd_);
  close(epoll_fd_);
}

void Loop::Post(absl::AnyInvocable<void()> task) {
  {
    base::MutexLock lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  Wake();
}

bool Loop::IsCurrent() const {
  return running_thread_.load(std::memory_order_relaxed) == CurrentThread();
}

void Loop::Run(absl::FunctionRef<bool()> done) {
  running_thread_.store(CurrentThread(), std::memory_order_relaxed);
  now_ = clock_.Now();
  while (!done() && !stopped_.load(std::memory_order_acquire)) {
    Turn(true);
  }
  running_thread_.store(0, std::memory_order_relaxed);
}

void Loop::Run() {
  Run([] { return false; });
}

void Loop::Poll() {
  const uint64_t outer = running_thread_.exchange(CurrentThread(), std::memory_order_relaxed);
  Turn(false);
  running_thread_.store(outer, std::memory_order_relaxed);
}

void Loop::Stop() {
  stopped_.store(true, std::memory_order_release);
  Wake();
}

// `woken_` says that the next turn must not wait. The loop's own thread is awake, so that it needs
// no eventfd to see it.
void Loop::Wake() {
  if (woken_.exchange(true, std::memory_order_acq_rel) || IsCurrent()) return;
  const uint64_t one = 1;
  // Fails only when the counter is full, and then the loop wakes all the same.
  [[maybe_unused]] const ssize_t written = write(event_fd_, &one, sizeof(one));
}

absl::Status Loop::Watch(int fd, uint32_t interest, FdHandler* handler) {
  return Control(epoll_fd_, EPOLL_CTL_ADD, fd, interest, handler);
}

absl::Status Loop::Modify(int fd, uint32_t interest, FdHandler* handler) {
  return Control(epoll_fd_, EPOLL_CTL_MOD, fd, interest, handler);
}

void Loop::Unwatch(int fd, FdHandler* handler) {
  epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
  if (expected_ == handler) expected_ = nullptr;
  // Entries of its other descriptors go too: level-triggered, they come again.
  std::replace(ready_.begin(), ready_.end(), handler, static_cast<FdHandler*>(nullptr));
}

void Loop::Turn(bool wait) {
  const absl::Time next = timers_.NextExpiry();
  if (next <= now_ || woken_.load(std::memory_order_acquire)) wait = false;
  FdHandler* expected = std::exchange(expected_, nullptr);
  if (!wait || expected == nullptr || !AwaitExpected(expected, next)) {
    if (wait) kernel_timer_->WakeBy(next, now_);
    ServeDescriptors(wait);
  }
  timers_.RunExpired(now_);
  if (woken_.load(std::memory_order_relaxed) && woken_.exchange(false, std::memory_order_acq_rel)) {
    RunTasks();
  }
}

// No timer may expire meanwhile, even if the kernel counts time coarsely.
bool Loop::AwaitExpected(FdHandler* expected, absl::Time next_timer) {
  if (awaited_in_a_row_ == kAwaitsInARow || next_timer - now_ < 2 * ByteStream::kPatience) {
    return false;
  }
  ++awaited_in_a_row_;
  const bool came = expected->Await();
  now_ = clock_.Now();
  ++turn_;
  if (came) expected->OnReady(kReadable);
  return true;
}

void Loop::ServeDescriptors(bool wait) {
  awaited_in_a_row_ = 0;
  std::array<epoll_event, kEventsPerTurn> events;
  int count = wait ? LookBeforeSleeping(events) : 0;
  if (count == 0) count = epoll_wait(epoll_fd_, events.data(), kEventsPerTurn, wait ? -1 : 0);
  now_ = clock_.Now();
  ++turn_;
  ready_.clear();
  for (int i = 0; i < count; ++i) {
    ready_.push_back(static_cast<FdHandler*>(events[static_cast<size_t>(i)].data.ptr));
    if (ready_.back() == nullptr) DrainEventFd();
  }
  for (size_t i = 0; i < ready_.size(); ++i) {
    if (ready_[i] != nullptr) ready_[i]->OnReady(ReadinessOf(events[i].events));
  }
  ready_.clear();
}

int Loop::LookBeforeSleeping(std::span<epoll_event> events) {
  if (!busy_poll_.Begin()) return 0;
  for (int look = 0; look < BusyPoll::kLooks; ++look) {
    BusyPoll::Pause();
    const int count = epoll_wait(epoll_fd_, events.data(), static_cast<int>(events.size()), 0);
    if (count <= 0) continue;
    busy_poll_.Found();
    return count;
  }
  busy_poll_.FoundNothing();
  return 0;
}

void Loop::DrainEventFd() {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = read(event_fd_, &count, sizeof(count));
}

void Loop::RunTasks() {
  {
    base::MutexLock lock(mutex_);
    running_tasks_.swap(tasks_);
  }
  for (absl::AnyInvocable<void()>& task : running_tasks_) {
    task();
    task = nullptr;
  }
  running_tasks_.clear();
}

}  // namespace meshlib::net
