// SPDX-License-Identifier: Apache-2.0
#include "route/explain.h"

#include <algorithm>
#include <string>
#include <utility>

#include "route/cluster_choice.h"
#include "route/redirect.h"
#include "route/request_rewrite.h"

namespace meshlib::route {
namespace {

using resource::ClusterName;
using resource::DirectResponse;
using resource::FailAction;
using resource::FaultPolicy;
using resource::ForwardAction;
using resource::HttpSettings;
using resource::RedirectAction;
using resource::RetryPolicy;
using resource::WeightedCluster;
using resource::WeightedClusters;

constexpr std::pair<uint32_t, const char*> kRetryNames[] = {
    {resource::kRetryOn5xx, "5xx"},
    {resource::kRetryOnGatewayError, "gateway-error"},
    {resource::kRetryOnReset, "reset"},
    {resource::kRetryOnResetBeforeRequest, "reset-before-request"},
    {resource::kRetryOnConnectFailure, "connect-failure"},
    {resource::kRetryOnEnvoyRateLimited, "envoy-ratelimited"},
    {resource::kRetryOnRetriable4xx, "retriable-4xx"},
    {resource::kRetryOnRefusedStream, "refused-stream"},
    {resource::kRetryOnRetriableStatusCodes, "retriable-status-codes"},
    {resource::kRetryOnRetriableHeaders, "retriable-headers"},
    {resource::kRetryOnHttp3PostConnectFailure, "http3-post-connect-failure"},
    {resource::kRetryOnGrpcCancelled, "cancelled"},
    {resource::kRetryOnGrpcDeadlineExceeded, "deadline-exceeded"},
    {resource::kRetryOnGrpcInternal, "internal"},
    {resource::kRetryOnGrpcResourceExhausted, "resource-exhausted"},
    {resource::kRetryOnGrpcUnavailable, "unavailable"},
};

std::string RetryText(const RetryPolicy* policy) {
  if (policy == nullptr || policy->retry_on == 0 || policy->num_retries == 0) return "";
  std::string text = std::to_string(policy->num_retries) +
                     (policy->num_retries == 1 ? " retry on " : " retries on ");
  const char* separator = "";
  for (const auto& [bit, name] : kRetryNames) {
    if ((policy->retry_on & bit) == 0) continue;
    text.append(separator).append(name);
    separator = ",";
    if (bit != resource::kRetryOnRetriableStatusCodes) continue;
    for (const uint32_t code : policy->retriable_status_codes) {
      text.append(" ").append(std::to_string(code));
    }
  }
  if (policy->per_try_timeout && *policy->per_try_timeout > absl::ZeroDuration()) {
    text += ", each within " + absl::FormatDuration(*policy->per_try_timeout);
  }
  return text;
}

// Parts per million as a percentage without trailing zeros.
std::string Percent(resource::FractionalPercent fraction) {
  std::string text = std::to_string(fraction.per_million / 10'000);
  std::string rest = std::to_string(10'000 + fraction.per_million % 10'000).substr(1);
  rest.resize(rest.find_last_not_of('0') + 1);
  return (rest.empty() ? text : text + "." + rest) + "%";
}

std::string FaultText(const FaultPolicy* fault) {
  std::string text;
  if (fault == nullptr) return text;
  if (fault->delay) {
    text = "delay " + absl::FormatDuration(fault->delay->fixed) + " for " +
           Percent(fault->delay->percentage);
  }
  if (fault->abort) {
    const resource::FaultAbort& abort = *fault->abort;
    if (!text.empty()) text += ", ";
    text += abort.grpc_status ? "abort grpc-status " + std::to_string(*abort.grpc_status)
                              : "abort " + std::to_string(abort.http_status);
    text += " for " + Percent(abort.percentage);
  }
  return text;
}

// "v1" of "outbound|9080|v1|reviews.default.svc.cluster.local".
std::string SubsetOf(std::string_view cluster) {
  size_t bar = cluster.find('|');
  if (bar == cluster.npos) return "";
  bar = cluster.find('|', bar + 1);
  if (bar == cluster.npos) return "";
  const size_t end = cluster.find('|', bar + 1);
  return end == cluster.npos ? "" : std::string(cluster.substr(bar + 1, end - bar - 1));
}

void ListClusters(const ForwardAction& action, const ClusterChoice& choice,
                  Explanation& explanation) {
  const auto* weighted = std::get_if<WeightedClusters>(&action.cluster);
  if (weighted == nullptr) {
    explanation.clusters.push_back({std::string(choice.name), 1});
    return;
  }
  for (const WeightedCluster& cluster : weighted->clusters) {
    explanation.clusters.push_back({cluster.name.value, cluster.weight});
  }
}

// The fields of `after` that are not in `before`; their names may be.
std::vector<std::pair<std::string, std::string>> Added(const Headers& before,
                                                       const Headers& after) {
  std::vector<std::pair<std::string, std::string>> added;
  for (const Headers::Field field : after) {
    if (std::find(before.begin(), before.end(), field) == before.end()) {
      added.emplace_back(field.name, field.value);
    }
  }
  return added;
}

std::vector<std::string> Removed(const Headers& before, const Headers& after) {
  std::vector<std::string> removed;
  for (const Headers::Field field : before) {
    if (after.Has(field.name)) continue;
    if (std::find(removed.begin(), removed.end(), field.name) == removed.end()) {
      removed.emplace_back(field.name);
    }
  }
  return removed;
}

OutgoingHead Copy(const RequestHead& head) {
  return {std::string(head.method), std::string(head.path), std::string(head.authority),
          std::string(head.scheme), *head.headers};
}

void ExplainForward(const RouteTable& table, const HttpSettings& settings, const RequestHead& head,
                    uint64_t random, const CompiledRoute& route, Explanation& explanation) {
  const auto& action = std::get<ForwardAction>(route.route->action);
  const ClusterChoice choice = ChooseCluster(route, head, random);
  const ChosenRoute chosen{table.config(), route, choice.weighted};
  ListClusters(action, choice, explanation);
  explanation.subset = SubsetOf(choice.name);
  explanation.timeout = EffectiveTimeout(action);
  explanation.retry = RetryText(route.retry_policy);
  explanation.fault = FaultText(EffectiveFault(chosen, settings));
  if (choice.name.empty()) {
    explanation.status = action.cluster_not_found_status;
    explanation.error = "route: the request does not name its cluster";
  }
  OutgoingHead outgoing = Copy(head);
  RewriteScratch scratch;
  const std::string cluster(choice.name);
  FormatContext context{.request = &head, .route_name = route.route->name, .cluster = cluster};
  RewriteRequest(chosen, context, settings, outgoing, scratch);
  SetAttemptCount(*route.virtual_host, 1, outgoing.headers);
  explanation.request_headers_added = Added(*head.headers, outgoing.headers);
  explanation.request_headers_removed = Removed(*head.headers, outgoing.headers);
  const RequestHead sent = outgoing.View();
  context.request = &sent;
  context.response_code = 200;
  Headers response;
  RewriteResponse(chosen, context, response, scratch);
  explanation.response_headers_added = Added(Headers(), response);
  explanation.path = std::move(outgoing.path);
  explanation.authority = std::move(outgoing.authority);
}

void ExplainAnswer(const RouteTable& table, const HttpSettings& settings, const RequestHead& head,
                   const CompiledRoute& route, Explanation& explanation) {
  OutgoingHead seen = Copy(head);
  Headers response;
  RewriteScratch scratch;
  const FormatContext context{.route_name = route.route->name};
  LocalAnswer answer =
      AnswerWithHeaders({table.config(), route}, context, settings, seen, response, scratch);
  response.Remove("location");
  explanation.status = answer.status;
  explanation.location = std::move(answer.location);
  explanation.response_headers_added = Added(Headers(), response);
}

}  // namespace

void Explain(const RouteTable& table, const HttpSettings& settings, const RequestHead& head,
             uint64_t random, Explanation& explanation) {
  const RouteMatchResult match = table.Match(head, random);
  explanation.path = head.path;
  explanation.authority = head.authority;
  if (match.virtual_host != nullptr) explanation.virtual_host = match.virtual_host->name;
  if (match.route == nullptr) {
    explanation.status = 404;
    explanation.error = match.virtual_host == nullptr
                            ? "route: no virtual host takes the authority"
                            : "route: no route of the virtual host takes the request";
    return;
  }
  const resource::Route& route = *match.route->route;
  explanation.route = route.name;
  explanation.object = route.origin.ToString();
  if (std::holds_alternative<ForwardAction>(route.action)) {
    explanation.action = "forward";
    ExplainForward(table, settings, head, random, *match.route, explanation);
  } else if (std::holds_alternative<RedirectAction>(route.action)) {
    explanation.action = "redirect";
    ExplainAnswer(table, settings, head, *match.route, explanation);
  } else if (std::holds_alternative<DirectResponse>(route.action)) {
    explanation.action = "direct_response";
    ExplainAnswer(table, settings, head, *match.route, explanation);
  } else if (const auto* fail = std::get_if<FailAction>(&route.action)) {
    explanation.action = "fail";
    explanation.status = 503;
    explanation.error = fail->reason;
  } else {
    explanation.action = "forward";
  }
}

}  // namespace meshlib::route
