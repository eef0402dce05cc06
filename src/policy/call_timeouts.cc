// SPDX-License-Identifier: Apache-2.0
#include "policy/call_timeouts.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace meshlib::policy {
namespace {

constexpr std::string_view kRouteTimeoutHeader = "x-envoy-upstream-rq-timeout-ms";
constexpr std::string_view kPerTryTimeoutHeader = "x-envoy-upstream-rq-per-try-timeout-ms";
constexpr absl::Duration kDefaultRouteTimeout = absl::Seconds(15);
constexpr absl::Duration kDefaultIdleTimeout = absl::Minutes(5);

// Zero means no limit in all of these settings, and Envoy counts in whole milliseconds.
std::optional<absl::Duration> LimitOf(absl::Duration setting) {
  if (setting < absl::Milliseconds(1)) return std::nullopt;
  return setting;
}

std::optional<absl::Duration> LimitOf(const std::optional<absl::Duration>& setting) {
  return setting.has_value() ? LimitOf(*setting) : std::nullopt;
}

// A header that is no number is as good as absent.
std::optional<absl::Duration> MillisecondsIn(const Headers& headers, std::string_view name) {
  const std::optional<std::string_view> text = headers.Get(name);
  if (!text.has_value()) return std::nullopt;
  int64_t milliseconds = 0;
  const auto [end, error] =
      std::from_chars(text->data(), text->data() + text->size(), milliseconds);
  if (error != std::errc() || end != text->data() + text->size() || milliseconds < 0) {
    return std::nullopt;
  }
  return absl::Milliseconds(milliseconds);
}

void Limit(Deadline& deadline, absl::Time at, CallErrorReason reason) {
  if (at < deadline.at) deadline = {.at = at, .reason = reason};
}

}  // namespace

CallTimeouts DecideTimeouts(const resource::ForwardAction& action,
                            const resource::RetryPolicy* retry_policy,
                            const resource::HttpSettings& http, const Headers& request,
                            RouterHeaders router_headers) {
  CallTimeouts timeouts;
  if (!action.max_stream_duration.has_value()) {
    timeouts.route = LimitOf(action.timeout.value_or(kDefaultRouteTimeout));
  }
  // The route's setting replaces the Listener's; without one, both of the Listener's count.
  timeouts.stream = action.max_stream_duration.has_value() ? LimitOf(action.max_stream_duration)
                                                           : LimitOf(http.max_stream_duration);
  timeouts.idle = LimitOf(action.idle_timeout.has_value()
                              ? *action.idle_timeout
                              : http.stream_idle_timeout.value_or(kDefaultIdleTimeout));
  if (retry_policy != nullptr) {
    timeouts.per_try = LimitOf(retry_policy->per_try_timeout);
    timeouts.per_try_idle = LimitOf(retry_policy->per_try_idle_timeout);
  }
  if (router_headers == RouterHeaders::kHonoured) {
    if (const auto given = MillisecondsIn(request, kRouteTimeoutHeader)) {
      timeouts.route = LimitOf(*given);
    }
    if (const auto given = MillisecondsIn(request, kPerTryTimeoutHeader)) {
      timeouts.per_try = LimitOf(*given);
    }
  }
  if (timeouts.route.has_value() && timeouts.per_try.has_value() &&
      *timeouts.per_try >= *timeouts.route) {
    timeouts.per_try.reset();
  }
  return timeouts;
}

Deadline CallDeadline(const CallTimeouts& timeouts, absl::Time call_start,
                      std::optional<absl::Time> request_end, absl::Time callers_deadline) {
  Deadline deadline{.at = callers_deadline, .reason = CallErrorReason::kDeadline};
  if (timeouts.stream.has_value()) {
    Limit(deadline, call_start + *timeouts.stream, CallErrorReason::kDeadline);
  }
  if (timeouts.route.has_value() && request_end.has_value()) {
    Limit(deadline, *request_end + *timeouts.route, CallErrorReason::kPeerTimeout);
  }
  return deadline;
}

Deadline AttemptDeadline(const CallTimeouts& timeouts, absl::Time attempt_start,
                         std::optional<absl::Time> request_end, const Deadline& call) {
  Deadline deadline = call;
  if (timeouts.per_try.has_value() && request_end.has_value()) {
    Limit(deadline, std::max(attempt_start, *request_end) + *timeouts.per_try,
          CallErrorReason::kPeerTimeout);
  }
  return deadline;
}

void SetExpectedTimeout(const CallTimeouts& timeouts, absl::Duration elapsed, Headers& headers) {
  const std::optional<absl::Duration>& limit =
      timeouts.per_try.has_value() ? timeouts.per_try : timeouts.route;
  if (!limit.has_value()) return;
  int64_t expected = absl::ToInt64Milliseconds(*limit);
  if (timeouts.route.has_value()) {
    const int64_t left =
        absl::ToInt64Milliseconds(*timeouts.route) - absl::ToInt64Milliseconds(elapsed);
    // Out of time is not sent as 0, which would mean no limit.
    expected = std::min(expected, std::max<int64_t>(left, 1));
  }
  char digits[24];
  const char* const end = std::to_chars(digits, digits + sizeof(digits), expected).ptr;
  headers.Set("x-envoy-expected-rq-timeout-ms", {digits, static_cast<size_t>(end - digits)});
}

void RemoveRouterHeaders(Headers& headers) {
  constexpr std::string_view kConsumed[] = {"x-envoy-retry-on",
                                            "x-envoy-retry-grpc-on",
                                            "x-envoy-max-retries",
                                            "x-envoy-hedge-on-per-try-timeout",
                                            "x-envoy-retriable-header-names",
                                            "x-envoy-retriable-status-codes",
                                            kRouteTimeoutHeader,
                                            kPerTryTimeoutHeader};
  // Most requests have none of them.
  bool any = false;
  for (const Headers::Field& field : headers) any = any || field.name.starts_with("x-envoy-");
  if (!any) return;
  for (std::string_view name : kConsumed) headers.Remove(name);
}

}  // namespace meshlib::policy
