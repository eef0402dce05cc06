// SPDX-License-Identifier: Apache-2.0
// What a Call costs in the steady state, in heap allocations and system calls. A program of its
// own, because it replaces the functions that it counts.

#include <errno.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <new>

#include "client/client_fixture.h"

namespace {

// Of the threads that count.
struct Costs {
  bool counting = false;
  int allocations = 0;
  int system_calls = 0;
};
thread_local Costs costs;

void* Allocate(std::size_t size) {
  if (costs.counting) ++costs.allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}

template <typename... Args>
long Count(long number, Args... args) {
  if (costs.counting) ++costs.system_calls;
  return syscall(number, args...);
}

}  // namespace

void* operator new(std::size_t size) { return Allocate(size); }
void* operator new[](std::size_t size) { return Allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return Allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return Allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

extern "C" {
ssize_t send(int fd, const void* data, size_t size, int flags) {
  return Count(SYS_sendto, fd, data, size, flags, nullptr, 0);
}
ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  return Count(SYS_sendmsg, fd, message, flags);
}
ssize_t recv(int fd, void* data, size_t size, int flags) {
  return Count(SYS_recvfrom, fd, data, size, flags, nullptr, nullptr);
}
ssize_t read(int fd, void* data, size_t size) { return Count(SYS_read, fd, data, size); }
ssize_t write(int fd, const void* data, size_t size) { return Count(SYS_write, fd, data, size); }
int epoll_wait(int fd, epoll_event* events, int count, int timeout) {
  return static_cast<int>(Count(SYS_epoll_wait, fd, events, count, timeout));
}
int epoll_ctl(int fd, int operation, int target, epoll_event* event) noexcept {
  return static_cast<int>(Count(SYS_epoll_ctl, fd, operation, target, event));
}
}

namespace meshlib::client {
namespace {

using fake::ScriptedPeer;

constexpr int kWarmUp = 20;
constexpr int kCalls = 100;

class CostTest : public ClientFixture {
 protected:
  CostTest() : peer_(ScriptedPeer::Answering(std::string(1024, 'x'))) {
    resource::ForwardAction action;
    action.retry_policy = resource::RetryPolicy{.retry_on = resource::kRetryOnReset};
    ServeCart({peer_.address()}, action);
  }
  // Of one of the Calls on the calling thread.
  template <typename CallOnce>
  static Costs CostsOf(CallOnce call_once) {
    for (int i = 0; i < kWarmUp; ++i) call_once();
    costs = {.counting = true};
    for (int i = 0; i < kCalls; ++i) call_once();
    costs.counting = false;
    return costs;
  }

  ScriptedPeer peer_;
};

TEST_F(CostTest, ABlockingCallWithARecycledExchangeAllocatesNothingAndMakesTwoSystemCalls) {
  HttpExchange exchange;
  exchange.request.url = "http://cart/items/1?detail=full";
  exchange.request.headers.Add("user-agent", "cost-test");
  const Costs spent = CostsOf([&] { ASSERT_TRUE(client().Call(exchange).ok()); });
  EXPECT_EQ(spent.allocations, 0);
  // One in seventeen looks at all descriptors first; some find the answer in two pieces.
  EXPECT_LE(spent.system_calls, 3 * kCalls);
  EXPECT_GE(spent.system_calls, 2 * kCalls);
}

TEST_F(CostTest, GetAllocatesNoMoreThanItsAnswer) {
  const Costs spent = CostsOf([&] {
    const absl::StatusOr<HttpResponse> answer = client().Get("http://cart/items/1?detail=full");
    ASSERT_TRUE(answer.ok());
  });
  EXPECT_LE(spent.allocations, 3 * kCalls);
}

// Calls itself again, on its loop, with the same exchange.
struct Chain {
  void Next() {
    client.Start(exchange, [this](HttpExchange&) { OnDone(); });
  }
  void OnDone() {
    ++done;
    if (done == kWarmUp) costs = {.counting = true};
    if (done < kWarmUp + kCalls) return Next();
    costs.counting = false;
    spent = costs;
    finished = true;
  }
  Client& client;
  HttpExchange exchange{};
  int done = 0;
  Costs spent{};
  std::atomic<bool> finished{false};
};

TEST_F(CostTest, ACallbackCallWithARecycledExchangeAllocatesNothing) {
  Chain chain{client()};
  chain.exchange.request.url = "http://cart/items/1?detail=full";
  threads_->RunOn(0, [&] { chain.Next(); });
  while (!chain.finished) std::this_thread::yield();
  EXPECT_TRUE(chain.exchange.status.ok());
  EXPECT_EQ(chain.spent.allocations, 0);
  EXPECT_LE(chain.spent.system_calls, 4 * kCalls);
}

}  // namespace
}  // namespace meshlib::client
