// SPDX-License-Identifier: Apache-2.0
#include "policy/admission.h"

#include <algorithm>

namespace meshlib::policy {

CountToken AdmitRequest(pick::ClusterState& state, const resource::CircuitBreakers& breakers) {
  return CountToken::TakeBelow(state.active_requests, breakers.max_requests);
}

CountToken AdmitPending(pick::ClusterState& state, const resource::CircuitBreakers& breakers) {
  return CountToken::TakeBelow(state.pending_requests, breakers.max_pending_requests);
}

CountToken AdmitConnection(pick::ClusterState& state, const resource::CircuitBreakers& breakers) {
  return CountToken::TakeBelow(state.connections, breakers.max_connections);
}

CountToken AdmitRetry(pick::ClusterState& state, const resource::CircuitBreakers& breakers) {
  return CountToken::TakeBelow(state.active_retries, RetryLimit(state, breakers));
}

uint64_t RetryLimit(const pick::ClusterState& state, const resource::CircuitBreakers& breakers) {
  if (!breakers.retry_budget.has_value()) return breakers.max_retries;
  const uint64_t under_way = uint64_t{state.active_requests.load(std::memory_order_relaxed)} +
                             uint64_t{state.pending_requests.load(std::memory_order_relaxed)};
  const double allowed =
      breakers.retry_budget->budget_percent / 100.0 * static_cast<double>(under_way);
  return std::max<uint64_t>(static_cast<uint64_t>(allowed),
                            breakers.retry_budget->min_retry_concurrency);
}

}  // namespace meshlib::policy
