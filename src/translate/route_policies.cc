// SPDX-License-Identifier: Apache-2.0
#include "translate/route_policies.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "meshlib/envoy/extensions/filters/http/cors/v3/cors.pb.h"
#include "meshlib/envoy/extensions/filters/http/fault/v3/fault.pb.h"
#include "proto/any.h"
#include "translate/route_match.h"

namespace meshlib::translate {
namespace {

namespace xds_cors = ::meshlib::envoy::extensions::filters::http::cors::v3;
namespace xds_fault = ::meshlib::envoy::extensions::filters::http::fault::v3;

constexpr char kDefaultRetryOn[] =
    "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes";
constexpr char kRetriableStatusCodes[] = "retriable-status-codes";
constexpr uint32_t kDefaultRetries = 2;
constexpr int64_t kHostSelectionAttempts = 5;

constexpr char kFaultFilter[] = "envoy.filters.http.fault";
constexpr char kCorsFilter[] = "envoy.filters.http.cors";

void AvoidPreviousHosts(xds_route::RetryPolicy& policy) {
  xds_route::RetryPolicy::RetryHostPredicate& predicate = *policy.add_retry_host_predicate();
  predicate.set_name("envoy.retry_host_predicates.previous_hosts");
  predicate.mutable_typed_config()->set_type_url(
      "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate");
}

void PreferOtherPriorities(xds_route::RetryPolicy& policy) {
  xds_route::RetryPolicy::RetryPriority& priority = *policy.mutable_retry_priority();
  priority.set_name("envoy.retry_priorities.previous_priorities");
  priority.mutable_typed_config()->set_type_url(
      "type.googleapis.com/"
      "envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig");
  // update_frequency (field 1): after every second attempt.
  priority.mutable_typed_config()->set_value("\x08\x02");
}

bool IsHttpStatus(int number) { return number >= 100 && number < 600; }

// Conditions and status codes, which Istio takes in one list.
void SetRetryOn(const std::string& retry_on, xds_route::RetryPolicy& policy) {
  std::vector<std::string> conditions;
  for (const auto part : absl::StrSplit(retry_on, ',')) {
    const auto condition = absl::StripAsciiWhitespace(part);
    int status = 0;
    if (condition.empty()) continue;
    if (absl::SimpleAtoi(condition, &status) && IsHttpStatus(status)) {
      policy.add_retriable_status_codes(static_cast<uint32_t>(status));
    } else {
      conditions.emplace_back(condition);
    }
  }
  std::string text = absl::StrJoin(conditions, ",");
  const bool codes = !policy.retriable_status_codes().empty();
  if (codes && text.find(kRetriableStatusCodes) == std::string::npos) {
    absl::StrAppend(&text, ",", kRetriableStatusCodes);
  }
  policy.set_retry_on(std::move(text));
}

// The codes of gRPC, by their names.
uint32_t GrpcStatus(const std::string& name) {
  constexpr std::string_view kNames[] = {"OK",
                                         "CANCELLED",
                                         "UNKNOWN",
                                         "INVALID_ARGUMENT",
                                         "DEADLINE_EXCEEDED",
                                         "NOT_FOUND",
                                         "ALREADY_EXISTS",
                                         "PERMISSION_DENIED",
                                         "RESOURCE_EXHAUSTED",
                                         "FAILED_PRECONDITION",
                                         "ABORTED",
                                         "OUT_OF_RANGE",
                                         "UNIMPLEMENTED",
                                         "INTERNAL",
                                         "UNAVAILABLE",
                                         "DATA_LOSS",
                                         "UNAUTHENTICATED"};
  uint32_t number = 0;
  if (absl::SimpleAtoi(name, &number)) return number;
  for (const std::string_view known : kNames) {
    if (known == name) return number;
    ++number;
  }
  return 2;  // UNKNOWN
}

template <typename Policy>
void SetFilterConfig(const char* filter, const Policy& policy, xds_route::Route& route) {
  (*route.mutable_typed_per_filter_config())[filter] = proto::PackAny(policy);
}

}  // namespace

std::optional<xds_route::RetryPolicy> TranslateRetries(const manifest::HttpRetry* retries,
                                                       bool hashed) {
  if (retries != nullptr && retries->attempts == 0) return std::nullopt;
  xds_route::RetryPolicy policy;
  policy.set_retry_on(kDefaultRetryOn);
  policy.mutable_num_retries()->set_value(retries != nullptr ? retries->attempts : kDefaultRetries);
  policy.set_host_selection_retry_max_attempts(kHostSelectionAttempts);
  bool avoid_previous = !hashed;
  if (retries != nullptr) {
    if (!retries->retry_on.empty()) SetRetryOn(retries->retry_on, policy);
    if (retries->per_try_timeout) {
      SetDuration(*retries->per_try_timeout, *policy.mutable_per_try_timeout());
    }
    if (retries->backoff) {
      SetDuration(*retries->backoff, *policy.mutable_retry_back_off()->mutable_base_interval());
    }
    avoid_previous = retries->retry_ignore_previous_hosts.value_or(avoid_previous);
    if (retries->retry_remote_localities.value_or(false)) {
      PreferOtherPriorities(policy);
    }
  }
  if (avoid_previous) AvoidPreviousHosts(policy);
  return policy;
}

xds_route::RetryPolicy InboundRetries() {
  xds_route::RetryPolicy policy;
  policy.set_retry_on("reset-before-request");
  policy.mutable_num_retries()->set_value(kDefaultRetries);
  return policy;
}

void SetFault(const manifest::HttpFault& fault, xds_route::Route& route) {
  xds_fault::HTTPFault out;
  if (fault.delay) {
    SetPercent(fault.delay->percentage, *out.mutable_delay()->mutable_percentage());
    SetDuration(fault.delay->fixed_delay, *out.mutable_delay()->mutable_fixed_delay());
  }
  if (fault.abort) {
    SetPercent(fault.abort->percentage, *out.mutable_abort()->mutable_percentage());
    if (fault.abort->http_status != 0) {
      out.mutable_abort()->set_http_status(fault.abort->http_status);
    } else {
      out.mutable_abort()->set_grpc_status(GrpcStatus(fault.abort->grpc_status));
    }
  }
  SetFilterConfig(kFaultFilter, out, route);
}

void SetCors(const manifest::CorsPolicy& cors, xds_route::Route& route) {
  using Unmatched = manifest::CorsPolicy::UnmatchedPreflights;
  xds_cors::CorsPolicy out;
  for (const manifest::StringMatch& origin : cors.allow_origins) {
    TranslateStringMatch(origin, *out.add_allow_origin_string_match());
  }
  out.set_allow_methods(absl::StrJoin(cors.allow_methods, ","));
  out.set_allow_headers(absl::StrJoin(cors.allow_headers, ","));
  out.set_expose_headers(absl::StrJoin(cors.expose_headers, ","));
  if (cors.max_age) out.set_max_age(absl::StrCat(absl::ToInt64Seconds(*cors.max_age)));
  if (cors.allow_credentials) out.mutable_allow_credentials()->set_value(*cors.allow_credentials);
  out.mutable_filter_enabled()->mutable_default_value()->set_numerator(100);
  out.mutable_forward_not_matching_preflights()->set_value(cors.unmatched_preflights !=
                                                           Unmatched::kIgnore);
  SetFilterConfig(kCorsFilter, out, route);
}

void AddHashPolicy(const manifest::ConsistentHash& hash, xds_route::RouteAction& action) {
  xds_route::RouteAction::HashPolicy& out = *action.add_hash_policy();
  if (const auto* header = std::get_if<manifest::ConsistentHash::Header>(&hash.key)) {
    out.mutable_header()->set_header_name(header->name);
  } else if (const auto* cookie = std::get_if<manifest::HashCookie>(&hash.key)) {
    out.mutable_cookie()->set_name(cookie->name);
    out.mutable_cookie()->set_path(cookie->path);
    if (cookie->ttl) SetDuration(*cookie->ttl, *out.mutable_cookie()->mutable_ttl());
  } else if (const auto* query = std::get_if<manifest::ConsistentHash::QueryParameter>(&hash.key)) {
    out.mutable_query_parameter()->set_name(query->name);
  } else {
    out.mutable_connection_properties()->set_source_ip(true);
  }
}

}  // namespace meshlib::translate
