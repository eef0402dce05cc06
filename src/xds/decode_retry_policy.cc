// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_retry_policy.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_split.h"
#include "base/string_view.h"
#include "xds/decode_matcher.h"
#include "xds/decode_unused.h"
#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

namespace route = envoy::config::route::v3;
using namespace resource;

constexpr std::array<std::pair<std::string_view, RetryOn>, 16> kTokens = {{
    {"5xx", kRetryOn5xx},
    {"gateway-error", kRetryOnGatewayError},
    {"reset", kRetryOnReset},
    {"reset-before-request", kRetryOnResetBeforeRequest},
    {"connect-failure", kRetryOnConnectFailure},
    {"envoy-ratelimited", kRetryOnEnvoyRateLimited},
    {"retriable-4xx", kRetryOnRetriable4xx},
    {"refused-stream", kRetryOnRefusedStream},
    {"retriable-status-codes", kRetryOnRetriableStatusCodes},
    {"retriable-headers", kRetryOnRetriableHeaders},
    {"http3-post-connect-failure", kRetryOnHttp3PostConnectFailure},
    {"cancelled", kRetryOnGrpcCancelled},
    {"deadline-exceeded", kRetryOnGrpcDeadlineExceeded},
    {"internal", kRetryOnGrpcInternal},
    {"resource-exhausted", kRetryOnGrpcResourceExhausted},
    {"unavailable", kRetryOnGrpcUnavailable},
}};

uint32_t DecodeRetryOn(const std::string& text, DecodeContext& context) {
  uint32_t bits = 0;
  for (const absl::string_view view : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    const std::string_view token = base::StdView(view);
    const auto known = std::find_if(kTokens.begin(), kTokens.end(),
                                    [&](const auto& entry) { return entry.first == token; });
    if (known != kTokens.end()) {
      bits |= known->second;
    } else {
      context.Ignored("retry_on", "unknown condition \"" + std::string(token) + "\"");
    }
  }
  return bits;
}

void DecodeBackOff(const route::RetryPolicy::RetryBackOff& in, RetryPolicy& out,
                   DecodeContext& context) {
  if (!in.has_base_interval()) {
    context.Error("base_interval", "is required");
    return;
  }
  // Envoy knows nothing below 1 ms.
  out.backoff_base = std::max(DecodePositiveDuration(in.base_interval(), "base_interval", context),
                              absl::Milliseconds(1));
  out.backoff_max = out.backoff_base * 10;
  if (!in.has_max_interval()) return;
  out.backoff_max = std::max(DecodePositiveDuration(in.max_interval(), "max_interval", context),
                             absl::Milliseconds(1));
  if (out.backoff_max < out.backoff_base) {
    context.Error("max_interval", "must not be less than base_interval");
  }
}

// Which endpoints later Attempts avoid.
void DecodePredicates(const route::RetryPolicy& in, RetryPolicy& out, DecodeContext& context) {
  for (int i = 0; i < in.retry_host_predicate_size(); ++i) {
    const std::string& name = in.retry_host_predicate(i).name();
    const auto scope = context.In("retry_host_predicate", i);
    if (name.empty()) context.Error("name", "must not be empty");
    if (name == "envoy.retry_host_predicates.previous_hosts") {
      out.avoid_previous_endpoints = true;
    } else if (name != "envoy.retry_host_predicates.omit_canary_hosts") {
      context.Ignored("", "\"" + name + "\" is not supported yet");
    }
  }
  // Zero is Envoy's "not set".
  constexpr int64_t kMax = std::numeric_limits<uint32_t>::max();
  const int64_t attempts = in.host_selection_retry_max_attempts();
  if (attempts != 0) {
    out.host_selection_retry_max_attempts =
        static_cast<uint32_t>(std::clamp<int64_t>(attempts, 1, kMax));
  }
}

}  // namespace

RetryPolicy DecodeRetryPolicy(const route::RetryPolicy& in, DecodeContext& context) {
  ReportUnused(
      in,
      {"retry_on", "num_retries", "per_try_timeout", "per_try_idle_timeout", "retry_host_predicate",
       "host_selection_retry_max_attempts", "retriable_status_codes", "retry_back_off",
       "retriable_headers", "retriable_request_headers"},
      context);
  RetryPolicy out;
  out.retry_on = DecodeRetryOn(in.retry_on(), context);
  if (in.has_num_retries()) out.num_retries = in.num_retries().value();
  if (in.has_per_try_timeout()) {
    out.per_try_timeout = DecodeDuration(in.per_try_timeout(), "per_try_timeout", context);
  }
  if (in.has_per_try_idle_timeout()) {
    out.per_try_idle_timeout =
        DecodeDuration(in.per_try_idle_timeout(), "per_try_idle_timeout", context);
  }
  DecodePredicates(in, out, context);
  out.retriable_status_codes.assign(in.retriable_status_codes().begin(),
                                    in.retriable_status_codes().end());
  if (in.has_retry_back_off()) {
    const auto scope = context.In("retry_back_off");
    DecodeBackOff(in.retry_back_off(), out, context);
  }
  out.retriable_headers =
      DecodeHeaderMatchers(in.retriable_headers(), "retriable_headers", context);
  out.retriable_request_headers =
      DecodeHeaderMatchers(in.retriable_request_headers(), "retriable_request_headers", context);
  return out;
}

}  // namespace meshlib::xds
