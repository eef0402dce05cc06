// SPDX-License-Identifier: Apache-2.0
// route_judge: what meshlib decides about requests, to be compared with what a real Envoy does.
//
// Reads JSON lines, answers each with one:
//   {"table": BASE64}   a RouteConfiguration in the wire format -> {} or {"nack": TEXT}
//   {"request": {"method", "path", "authority", "headers": [[NAME, VALUE]...], "settings": {...}}}
//                       -> the decision about it, by the last table that was taken
// Arguments: the clusters that exist. Texts are Latin-1: every code point is a byte.

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "judge_loop.h"
#include "latin1.h"
#include "policy/call_timeouts.h"
#include "route/cluster_choice.h"
#include "route/header_match.h"
#include "route/header_rewrite.h"
#include "route/path_normalization.h"
#include "route/redirect.h"
#include "route/request_rewrite.h"
#include "route/route_table.h"
#include "xds/decode_route_config.h"

namespace meshlib {
namespace {

using nlohmann::json;

// Values of one name are joined: only their order within a name means anything.
json HeadersJson(const Headers& headers) {
  std::map<std::string, std::string> joined;
  for (const Headers::Field field : headers) {
    const auto [it, added] = joined.try_emplace(Utf8Of(field.name), Utf8Of(field.value));
    if (!added) it->second += "," + Utf8Of(field.value);
  }
  return joined;
}

resource::HttpSettings SettingsOf(const json& in) {
  resource::HttpSettings settings;
  settings.normalize_path = in.value("normalize_path", false);
  settings.merge_slashes = in.value("merge_slashes", false);
  settings.strip_any_host_port = in.value("strip_any_host_port", false);
  settings.strip_trailing_host_dot = in.value("strip_trailing_host_dot", false);
  settings.suppress_envoy_headers = in.value("suppress_envoy_headers", false);
  settings.has_fault_filter = in.value("fault_filter", false);
  if (in.contains("fault_header")) {
    resource::HeaderMatcher matcher;
    matcher.name = in["fault_header"].get<std::string>();
    settings.fault = resource::FaultPolicy{};
    settings.fault->abort =
        resource::FaultAbort{.http_status = 418, .percentage = {.per_million = 1'000'000}};
    settings.fault->headers.push_back(std::move(matcher));
  }
  return settings;
}

route::OutgoingHead HeadOf(const json& in) {
  route::OutgoingHead head;
  head.method = BytesOf(in.at("method").get<std::string>());
  head.path = BytesOf(in.at("path").get<std::string>());
  head.authority = BytesOf(in.at("authority").get<std::string>());
  for (const json& field : in.at("headers")) {
    head.headers.Add(BytesOf(field.at(0).get<std::string>()),
                     BytesOf(field.at(1).get<std::string>()));
  }
  return head;
}

// Decides as an Envoy does for a request from outside.
class Judge final {
 public:
  explicit Judge(std::set<std::string, std::less<>> clusters) : clusters_(std::move(clusters)) {}

  json Take(const std::string& base64) {
    std::string bytes;
    if (!absl::Base64Unescape(base64, &bytes)) return {{"nack", "not in base64"}};
    resource::Report report;
    auto config = xds::DecodeRouteConfig(bytes, report);
    if (!config.ok()) return {{"nack", std::string(config.status().message())}};
    table_ = route::RouteTable::Compile(*std::move(config));
    return json::object();
  }

  json Decide(const json& request) const {
    const resource::HttpSettings settings = SettingsOf(request.at("settings"));
    route::OutgoingHead head = HeadOf(request);
    route::ApplyAuthoritySettings(settings, 0, head.authority);
    if (!route::ApplyPathSettings(settings, head.path))
      return Tell({.status = 400}, head, Headers(), json::object());
    route::RemoveInternalOnlyHeaders(table_->config(), head.headers);
    const route::RouteMatchResult match = table_->Match(head.View(), 0);
    if (match.route == nullptr) {
      const resource::FaultPolicy* fault = settings.fault ? &*settings.fault : nullptr;
      const route::LocalAnswer not_found{.status = 404};
      return Tell(Abort(fault, head, "").value_or(not_found), head, Headers(), json::object());
    }
    json decision = {{"route", Utf8Of(match.route->route->name)}};
    const auto* forward = std::get_if<resource::ForwardAction>(&match.route->route->action);
    route::ClusterChoice choice;
    if (forward != nullptr) choice = route::ChooseCluster(*match.route, head.View(), 0);
    const route::ChosenRoute chosen{table_->config(), *match.route, choice.weighted};
    if (auto abort = Abort(route::EffectiveFault(chosen, settings), head, choice.name)) {
      Headers response;
      if (forward != nullptr) AddResponse(chosen, Known(choice.name), head, response);
      return Tell(*abort, head, response, decision);
    }
    if (forward != nullptr) {
      DecideForward(chosen, std::string(choice.name), settings, head, decision);
    } else if (const auto* fail = std::get_if<resource::FailAction>(&match.route->route->action)) {
      decision["status"] = fail->reason;
    } else {
      DecideAnswer(chosen, settings, head, decision);
    }
    return decision;
  }

 private:
  // What the fault filter answers; its percentages are 0 or 100 here.
  static std::optional<route::LocalAnswer> Abort(const resource::FaultPolicy* fault,
                                                 const route::OutgoingHead& head,
                                                 std::string_view cluster) {
    if (fault == nullptr || !fault->abort || fault->abort->percentage.per_million == 0 ||
        (!fault->cluster.empty() && fault->cluster != cluster) ||
        !route::MatchesAll(fault->headers, head.View())) {
      return std::nullopt;
    }
    return route::LocalAnswer{
        .status = fault->abort->http_status, .location = "", .body = "fault filter abort"};
  }

  void DecideForward(const route::ChosenRoute& chosen, const std::string& cluster,
                     const resource::HttpSettings& settings, route::OutgoingHead& head,
                     json& decision) const {
    const auto& action = std::get<resource::ForwardAction>(chosen.route.route->action);
    route::FormatContext context{.route_name = chosen.route.route->name, .cluster = cluster};
    if (Known(cluster).empty()) {
      Headers response;
      AddResponse(chosen, Known(cluster), head, response);
      decision = Tell({.status = action.cluster_not_found_status}, head, response, decision);
      return;
    }
    if (!settings.suppress_envoy_headers) {
      const policy::CallTimeouts timeouts =
          policy::DecideTimeouts(action, chosen.route.retry_policy, settings, head.headers,
                                 policy::RouterHeaders::kIgnored);
      policy::SetExpectedTimeout(timeouts, absl::ZeroDuration(), head.headers);
    }
    route::RewriteRequest(chosen, context, settings, head, scratch_);
    route::SetAttemptCount(*chosen.route.virtual_host, 1, head.headers);
    decision["status"] = 200;
    decision["cluster"] = Utf8Of(cluster);
    decision["path"] = Utf8Of(head.path);
    decision["authority"] = Utf8Of(head.authority);
    decision["headers"] = HeadersJson(head.headers);
    const route::RequestHead sent = head.View();
    context.request = &sent;
    context.response_code = 200;
    Headers response = {{"x-one", "peer"}, {"x-two", "peer"}};
    route::RewriteResponse(chosen, context, response, scratch_);
    decision["response"] = HeadersJson(response);
  }

  void DecideAnswer(const route::ChosenRoute& chosen, const resource::HttpSettings& settings,
                    route::OutgoingHead& head, json& decision) const {
    const route::FormatContext context{.route_name = chosen.route.route->name};
    Headers response;
    const route::LocalAnswer answer =
        route::AnswerWithHeaders(chosen, context, settings, head, response, scratch_);
    decision = Tell(answer, head, response, decision);
  }

  // The header mutations of an answer that is given in a peer's place.
  void AddResponse(const route::ChosenRoute& chosen, std::string_view cluster,
                   const route::OutgoingHead& head, Headers& response) const {
    const route::RequestHead view = head.View();
    const route::FormatContext context{.request = &view,
                                       .route_name = chosen.route.route->name,
                                       .cluster = cluster,
                                       .attempts = 0};
    route::RewriteResponse(chosen, context, response, scratch_);
  }

  // The end of every answer that no peer gave.
  static json Tell(route::LocalAnswer answer, const route::OutgoingHead& head, Headers response,
                   json decision) {
    route::AdaptToGrpc(head.View(), answer, response);
    decision["status"] = answer.status;
    decision["response"] = HeadersJson(response);
    return decision;
  }

  // The name, or nothing where there is no such cluster.
  std::string_view Known(std::string_view name) const {
    return clusters_.count(name) > 0 ? name : std::string_view();
  }

  const std::set<std::string, std::less<>> clusters_;
  std::shared_ptr<const route::RouteTable> table_;
  mutable route::RewriteScratch scratch_;
};

}  // namespace
}  // namespace meshlib

int main(int argc, char** argv) {
  meshlib::AnswerQuestions(meshlib::Judge({argv + 1, argv + argc}));
  return 0;
}
