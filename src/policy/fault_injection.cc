// SPDX-License-Identifier: Apache-2.0
#include "policy/fault_injection.h"

#include <limits>

#include "route/header_match.h"

namespace meshlib::policy {
namespace {

bool IsGrpcRequest(const route::RequestHead& head) {
  if (head.headers == nullptr) return false;
  const std::string_view type = head.headers->Get("content-type").value_or("");
  constexpr std::string_view kGrpc = "application/grpc";
  return type.starts_with(kGrpc) && (type.size() == kGrpc.size() || type[kGrpc.size()] == '+');
}

bool Applies(const resource::FaultPolicy& policy, const route::RequestHead& head,
             std::string_view cluster) {
  if (!policy.cluster.empty() && policy.cluster != cluster) return false;
  return route::MatchesAll(policy.headers, head);
}

// Envoy's Grpc::Utility::httpToGrpcStatus.
int GrpcStatusOf(int http_status) {
  switch (http_status) {
    case 400:
      return 13;
    case 401:
      return 16;
    case 403:
      return 7;
    case 404:
      return 12;
    case 429:
    case 502:
    case 503:
    case 504:
      return 14;
    default:
      return 2;
  }
}

uint64_t PlacesOf(const resource::FaultPolicy& policy) {
  return policy.max_active_faults.has_value() ? *policy.max_active_faults
                                              : std::numeric_limits<uint64_t>::max();
}

}  // namespace

const resource::FaultPolicy* FaultInForce(const resource::HttpSettings& http,
                                          const resource::VirtualHost* virtual_host,
                                          const resource::Route* route,
                                          const resource::WeightedCluster* cluster) {
  if (!http.has_fault_filter) return nullptr;
  if (cluster != nullptr && cluster->fault.has_value()) return &*cluster->fault;
  if (route != nullptr && route->fault.has_value()) return &*route->fault;
  if (virtual_host != nullptr && virtual_host->fault.has_value()) return &*virtual_host->fault;
  return http.fault.has_value() ? &*http.fault : nullptr;
}

FaultInjection::FaultInjection(const resource::FaultPolicy* policy, const route::RequestHead& head,
                               std::string_view cluster, std::atomic<uint32_t>& active,
                               base::Random& random)
    : policy_(policy), active_(active), random_(random) {
  if (policy_ == nullptr) return;
  if (active_.load(std::memory_order_relaxed) >= PlacesOf(*policy_) ||
      !Applies(*policy_, head, cluster)) {
    policy_ = nullptr;
    return;
  }
  grpc_request_ = policy_->abort.has_value() && IsGrpcRequest(head);
}

absl::Duration FaultInjection::TakeDelay() {
  if (policy_ == nullptr || !policy_->delay.has_value()) return absl::ZeroDuration();
  const resource::FaultDelay& delay = *policy_->delay;
  if (delay.fixed <= absl::ZeroDuration() || !Occurs(delay.percentage) || !OccupyPlace()) {
    return absl::ZeroDuration();
  }
  return delay.fixed;
}

std::optional<InjectedAbort> FaultInjection::TakeAbort() {
  if (policy_ == nullptr || !policy_->abort.has_value()) return std::nullopt;
  const resource::FaultAbort& abort = *policy_->abort;
  if (!Occurs(abort.percentage) || !OccupyPlace()) return std::nullopt;
  InjectedAbort injected{.http_status = abort.grpc_status.has_value() ? 200 : abort.http_status,
                         .grpc_status = {}};
  if (grpc_request_) {
    injected.grpc_status = abort.grpc_status.value_or(GrpcStatusOf(abort.http_status));
    injected.http_status = 200;
  }
  return injected;
}

bool FaultInjection::Occurs(resource::FractionalPercent percentage) {
  return random_.Below(1'000'000) < percentage.per_million;
}

// Delay and abort of one Call are one fault.
bool FaultInjection::OccupyPlace() {
  if (!place_) place_ = CountToken::TakeBelow(active_, PlacesOf(*policy_));
  return static_cast<bool>(place_);
}

}  // namespace meshlib::policy
