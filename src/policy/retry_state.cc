// SPDX-License-Identifier: Apache-2.0
#include "policy/retry_state.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include "policy/retry_on.h"
#include "route/header_match.h"

namespace meshlib::policy {
namespace {

constexpr uint32_t kGrpcBits =
    resource::kRetryOnGrpcCancelled | resource::kRetryOnGrpcDeadlineExceeded |
    resource::kRetryOnGrpcInternal | resource::kRetryOnGrpcResourceExhausted |
    resource::kRetryOnGrpcUnavailable;

template <typename Number>
std::optional<Number> ToNumber(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Calls `use` with each part of a comma-separated list, without blanks around it.
template <typename Use>
void ForEachToken(std::string_view list, Use use) {
  while (!list.empty()) {
    const size_t comma = list.find(',');
    std::string_view token = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    while (token.starts_with(' ')) token.remove_prefix(1);
    while (token.ends_with(' ')) token.remove_suffix(1);
    if (!token.empty()) use(token);
  }
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

// Any of retriable_request_headers suffices; none given means every request.
bool RequestMayRetry(const resource::RetryPolicy* policy, const route::RequestHead& head) {
  if (policy == nullptr || policy->retriable_request_headers.empty()) return true;
  return std::any_of(policy->retriable_request_headers.begin(),
                     policy->retriable_request_headers.end(),
                     [&head](const auto& matcher) { return route::Matches(matcher, head); });
}

uint32_t GrpcBit(std::string_view grpc_status) {
  switch (ToNumber<int>(grpc_status).value_or(-1)) {
    case 1:
      return resource::kRetryOnGrpcCancelled;
    case 4:
      return resource::kRetryOnGrpcDeadlineExceeded;
    case 8:
      return resource::kRetryOnGrpcResourceExhausted;
    case 13:
      return resource::kRetryOnGrpcInternal;
    case 14:
      return resource::kRetryOnGrpcUnavailable;
    default:
      return 0;
  }
}

bool IsGatewayError(int status) { return status >= 502 && status <= 504; }

}  // namespace

RetryState::RetryState(const resource::RetryPolicy* policy, const route::RequestHead& head,
                       RouterHeaders router_headers, base::Random& random)
    : policy_(policy),
      backoff_(policy != nullptr ? policy->backoff_base : resource::RetryPolicy().backoff_base,
               policy != nullptr ? policy->backoff_max : resource::RetryPolicy().backoff_max,
               random) {
  retry_on_ = policy != nullptr ? policy->retry_on : 0;
  retries_left_ = policy != nullptr ? policy->num_retries : 1;
  const bool honoured = router_headers == RouterHeaders::kHonoured && head.headers != nullptr;
  if (honoured) AddFromHeaders(*head.headers);
  if (!RequestMayRetry(policy, head)) retry_on_ = 0;
}

void RetryState::AddFromHeaders(const Headers& headers) {
  for (const Headers::Field& field : headers) {
    if (!field.name.starts_with("x-envoy-")) continue;
    if (field.name == "x-envoy-retry-on" || field.name == "x-envoy-retry-grpc-on") {
      retry_on_ |= ParseRetryOn(field.value);
    } else if (field.name == "x-envoy-max-retries") {
      retries_left_ = ToNumber<uint32_t>(field.value).value_or(retries_left_);
    } else if (field.name == "x-envoy-retriable-status-codes") {
      ForEachToken(field.value, [this](std::string_view token) {
        if (const auto code = ToNumber<uint32_t>(token)) more_status_codes_.push_back(*code);
      });
    } else if (field.name == "x-envoy-retriable-header-names") {
      ForEachToken(field.value, [this](std::string_view token) {
        more_header_names_.push_back(LowerCase(token));
      });
    }
  }
}

uint32_t RetryState::max_reselects() const {
  return policy_ != nullptr ? policy_->host_selection_retry_max_attempts : 1;
}

bool RetryState::avoids_previous_endpoints() const {
  return policy_ != nullptr && policy_->avoid_previous_endpoints;
}

RetryVerdict RetryState::OnResponse(int status, const Headers& headers, pick::ClusterState& cluster,
                                    const resource::CircuitBreakers& breakers) {
  return Decide(WouldRetry(status, headers), cluster, breakers);
}

RetryVerdict RetryState::OnFailure(CallErrorReason reason, const AttemptProgress& progress,
                                   pick::ClusterState& cluster,
                                   const resource::CircuitBreakers& breakers) {
  return Decide(WouldRetry(reason, progress), cluster, breakers);
}

bool RetryState::WouldRetry(int status, const Headers& headers) const {
  if (retry_on_ == 0) return false;
  if (headers.Has("x-envoy-ratelimited")) {
    return (retry_on_ & resource::kRetryOnEnvoyRateLimited) != 0;
  }
  const auto wants = [this](uint32_t bits) { return (retry_on_ & bits) != 0; };
  if (wants(resource::kRetryOn5xx) && status >= 500 && status < 600) return true;
  if (wants(resource::kRetryOnGatewayError) && IsGatewayError(status)) return true;
  if (wants(resource::kRetryOnRetriable4xx) && status == 409) return true;
  if (wants(resource::kRetryOnRetriableStatusCodes) && IsRetriableStatus(status)) return true;
  if (wants(resource::kRetryOnRetriableHeaders) && HasRetriableHeader(status, headers)) return true;
  return wants(kGrpcBits) && wants(GrpcBit(headers.Get("grpc-status").value_or("")));
}

bool RetryState::WouldRetry(CallErrorReason reason, const AttemptProgress& progress) const {
  switch (reason) {
    case CallErrorReason::kConnectionFailure:
      if ((retry_on_ & resource::kRetryOnConnectFailure) != 0) return true;
      break;
    case CallErrorReason::kConnectionTermination:
    case CallErrorReason::kProtocolError:
    case CallErrorReason::kPeerReset:
    case CallErrorReason::kPeerTimeout:
      break;
    default:
      return false;
  }
  if ((retry_on_ & resource::kRetryOnResetBeforeRequest) != 0 && !progress.request_started) {
    return true;
  }
  // A broken exchange would become a 5xx answer, so those bits retry it as well.
  if ((retry_on_ &
       (resource::kRetryOnReset | resource::kRetryOn5xx | resource::kRetryOnGatewayError)) != 0) {
    return true;
  }
  return (retry_on_ & resource::kRetryOnRefusedStream) != 0 && progress.refused_stream;
}

bool RetryState::IsRetriableStatus(int status) const {
  const auto is_status = [status](uint32_t code) { return static_cast<int>(code) == status; };
  if (std::any_of(more_status_codes_.begin(), more_status_codes_.end(), is_status)) return true;
  return policy_ != nullptr && std::any_of(policy_->retriable_status_codes.begin(),
                                           policy_->retriable_status_codes.end(), is_status);
}

bool RetryState::HasRetriableHeader(int status, const Headers& headers) const {
  if (std::any_of(more_header_names_.begin(), more_header_names_.end(),
                  [&headers](const std::string& name) { return headers.Has(name); })) {
    return true;
  }
  return policy_ != nullptr &&
         std::any_of(policy_->retriable_headers.begin(), policy_->retriable_headers.end(),
                     [&](const auto& matcher) { return route::Matches(matcher, headers, status); });
}

// The place that an earlier retry held is free before the limit is looked at (Envoy).
RetryVerdict RetryState::Decide(bool would_retry, pick::ClusterState& cluster,
                                const resource::CircuitBreakers& breakers) {
  place_.Release();
  if (!would_retry) return {};
  if (retries_left_ == 0) return {.kind = RetryVerdict::Kind::kLimitExceeded, .backoff = {}};
  --retries_left_;
  place_ = AdmitRetry(cluster, breakers);
  if (!place_) return {.kind = RetryVerdict::Kind::kOverflow, .backoff = {}};
  return {.kind = RetryVerdict::Kind::kRetry, .backoff = backoff_.Next()};
}

}  // namespace meshlib::policy
