// SPDX-License-Identifier: Apache-2.0
// Admission: the circuit breakers of a Cluster.

#ifndef MESHLIB_POLICY_ADMISSION_H_
#define MESHLIB_POLICY_ADMISSION_H_

#include <atomic>
#include <cstdint>
#include <utility>

#include "pick/endpoint_state.h"
#include "resource/cluster.h"

namespace meshlib::policy {

// One count of a counter, given back when the token is destroyed. An empty token counts nothing and
// says that admission was refused. Movable. Thread-compatible; the counter is shared.
class [[nodiscard]] CountToken final {
 public:
  CountToken() = default;
  ~CountToken() { Release(); }
  CountToken(CountToken&& other) noexcept : counter_(std::exchange(other.counter_, nullptr)) {}
  CountToken& operator=(CountToken&& other) noexcept {
    if (this != &other) {
      Release();
      counter_ = std::exchange(other.counter_, nullptr);
    }
    return *this;
  }

  // Counts without a limit. REQUIRES: `counter` outlives the token.
  static CountToken Take(std::atomic<uint32_t>& counter) {
    counter.fetch_add(1, std::memory_order_relaxed);
    return CountToken(&counter);
  }
  // Empty when `limit` are counted already, by whichever thread.
  static CountToken TakeBelow(std::atomic<uint32_t>& counter, uint64_t limit) {
    if (counter.fetch_add(1, std::memory_order_relaxed) < limit) return CountToken(&counter);
    counter.fetch_sub(1, std::memory_order_relaxed);
    return CountToken();
  }

  void Release() {
    if (counter_ != nullptr) counter_->fetch_sub(1, std::memory_order_relaxed);
    counter_ = nullptr;
  }
  explicit operator bool() const { return counter_ != nullptr; }

 private:
  explicit CountToken(std::atomic<uint32_t>* counter) : counter_(counter) {}
  std::atomic<uint32_t>* counter_ = nullptr;
};

// Each takes a place under one limit of `breakers`, over all loops, or returns an empty token: the
// Call fails with kOverflow (UO). REQUIRES: `state` outlives the token.
CountToken AdmitRequest(pick::ClusterState& state, const resource::CircuitBreakers& breakers);
CountToken AdmitPending(pick::ClusterState& state, const resource::CircuitBreakers& breakers);
CountToken AdmitConnection(pick::ClusterState& state, const resource::CircuitBreakers& breakers);
// max_retries, or the retry budget where there is one.
CountToken AdmitRetry(pick::ClusterState& state, const resource::CircuitBreakers& breakers);

// How many retries may be under way now: max_retries, or budget_percent of the active and pending
// requests but at least min_retry_concurrency (Envoy's RetryBudget).
uint64_t RetryLimit(const pick::ClusterState& state, const resource::CircuitBreakers& breakers);

}  // namespace meshlib::policy

#endif  // MESHLIB_POLICY_ADMISSION_H_
