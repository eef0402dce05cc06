// SPDX-License-Identifier: Apache-2.0
#include "policy/retry_on.h"

#include <cstddef>

#include "resource/retry_policy.h"

namespace meshlib::policy {
namespace {

struct Token {
  std::string_view text;
  uint32_t bit;
};

constexpr Token kTokens[] = {
    {"5xx", resource::kRetryOn5xx},
    {"gateway-error", resource::kRetryOnGatewayError},
    {"reset", resource::kRetryOnReset},
    {"reset-before-request", resource::kRetryOnResetBeforeRequest},
    {"connect-failure", resource::kRetryOnConnectFailure},
    {"envoy-ratelimited", resource::kRetryOnEnvoyRateLimited},
    {"retriable-4xx", resource::kRetryOnRetriable4xx},
    {"refused-stream", resource::kRetryOnRefusedStream},
    {"retriable-status-codes", resource::kRetryOnRetriableStatusCodes},
    {"retriable-headers", resource::kRetryOnRetriableHeaders},
    {"http3-post-connect-failure", resource::kRetryOnHttp3PostConnectFailure},
    {"cancelled", resource::kRetryOnGrpcCancelled},
    {"deadline-exceeded", resource::kRetryOnGrpcDeadlineExceeded},
    {"internal", resource::kRetryOnGrpcInternal},
    {"resource-exhausted", resource::kRetryOnGrpcResourceExhausted},
    {"unavailable", resource::kRetryOnGrpcUnavailable},
};

}  // namespace

uint32_t ParseRetryOn(std::string_view tokens) {
  uint32_t bits = 0;
  while (!tokens.empty()) {
    const size_t comma = tokens.find(',');
    std::string_view text = tokens.substr(0, comma);
    tokens = comma == std::string_view::npos ? std::string_view() : tokens.substr(comma + 1);
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    for (const Token& token : kTokens) {
      if (text == token.text) bits |= token.bit;
    }
  }
  return bits;
}

std::string RetryOnToString(uint32_t retry_on) {
  std::string text;
  for (const Token& token : kTokens) {
    if ((retry_on & token.bit) == 0) continue;
    if (!text.empty()) text += ',';
    text += token.text;
  }
  return text;
}

}  // namespace meshlib::policy
