// SPDX-License-Identifier: Apache-2.0
#include "route/request_rewrite.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "re2/re2.h"
#include "route/header_match.h"

namespace meshlib::route {
namespace {

using resource::ForwardAction;
using resource::HeaderMutations;
using resource::HostRewriteAuto;
using resource::HostRewriteHeader;
using resource::HostRewriteLiteral;
using resource::HostRewritePathRegex;
using resource::HttpSettings;
using resource::PathMatcher;
using resource::RegexRewrite;

std::string Replaced(const RegexRewrite& rewrite, std::string_view text) {
  std::string result(text);
  re2::RE2::GlobalReplace(&result, *rewrite.regex.compiled, rewrite.substitution);
  return result;
}

// Changes the authority, and leaves a trace of what it was.
void SetAuthority(std::string_view authority, const ForwardAction& action,
                  const HttpSettings& settings, OutgoingHead& head) {
  if (action.append_x_forwarded_host && !head.authority.empty()) {
    AppendHeader(MessageKind::kRequest, "x-forwarded-host", head.authority, head.headers);
  }
  if (!settings.suppress_envoy_headers && !head.authority.empty()) {
    head.headers.Set("x-envoy-original-host", head.authority);
  }
  head.authority = authority;
}

void RewriteHost(const ForwardAction& action, const HttpSettings& settings, OutgoingHead& head) {
  if (const auto* literal = std::get_if<HostRewriteLiteral>(&action.host_rewrite)) {
    if (!literal->value.empty()) SetAuthority(literal->value, action, settings, head);
  } else if (const auto* header = std::get_if<HostRewriteHeader>(&action.host_rewrite)) {
    // Copied, as it may be a view into the headers that change.
    const std::string value(FirstValue(head.View(), header->name).value_or(std::string_view()));
    if (!value.empty()) SetAuthority(value, action, settings, head);
  } else if (const auto* regex = std::get_if<HostRewritePathRegex>(&action.host_rewrite)) {
    const std::string value = Replaced(regex->rewrite, WithoutQuery(head.path));
    if (!value.empty()) SetAuthority(value, action, settings, head);
  }
}

// Applies the mutations of RouteConfig, VirtualHost and route that `of` picks: the most specific
// first, so that the RouteConfig has the last word, unless configured to be the other way round.
template <typename Of>
void ApplyLevels(const ChosenRoute& chosen, const Of& of, const FormatContext& context,
                 MessageKind kind, Headers& headers, RewriteScratch& scratch) {
  const HeaderMutations* levels[] = {&of(*chosen.route.route), &of(*chosen.route.virtual_host),
                                     &of(chosen.config)};
  if (chosen.config.most_specific_header_mutations_wins) std::swap(levels[0], levels[2]);
  for (const HeaderMutations* level : levels) {
    if (level->empty()) continue;
    ApplyHeaderMutations(*level, context, kind, headers, scratch);
  }
}

void SetNumber(std::string_view name, int number, Headers& headers) {
  char digits[16];
  const char* end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  headers.Set(name, std::string_view(digits, static_cast<size_t>(end - digits)));
}

}  // namespace

void RewriteRequest(const ChosenRoute& chosen, const FormatContext& context,
                    const HttpSettings& settings, OutgoingHead& head, RewriteScratch& scratch) {
  const auto& action = std::get<ForwardAction>(chosen.route.route->action);
  FormatContext own = context;
  RequestHead view = head.View();
  own.request = &view;
  if (chosen.weighted != nullptr) {
    ApplyHeaderMutations(chosen.weighted->request_headers, own, MessageKind::kRequest, head.headers,
                         scratch);
    if (chosen.weighted->host_rewrite_literal && !chosen.weighted->host_rewrite_literal->empty()) {
      head.authority = *chosen.weighted->host_rewrite_literal;
      view = head.View();
    }
  }
  const auto of = [](const auto& level) -> const HeaderMutations& { return level.request_headers; };
  ApplyLevels(chosen, of, own, MessageKind::kRequest, head.headers, scratch);
  RewriteHost(action, settings, head);
  if (std::optional<std::string> path = RewrittenPath(chosen.route, head.path)) {
    if (!settings.suppress_envoy_headers) head.headers.Set("x-envoy-original-path", head.path);
    head.path = std::move(*path);
  }
}

void RewriteAutoHost(const ForwardAction& action, std::string_view hostname,
                     const HttpSettings& settings, OutgoingHead& head) {
  if (!std::holds_alternative<HostRewriteAuto>(action.host_rewrite) || hostname.empty()) return;
  SetAuthority(hostname, action, settings, head);
}

void SetAttemptCount(const resource::VirtualHost& host, int attempt, Headers& request_headers) {
  if (host.include_request_attempt_count) {
    SetNumber("x-envoy-attempt-count", attempt, request_headers);
  }
}

void RewriteResponse(const ChosenRoute& chosen, const FormatContext& context, Headers& response,
                     RewriteScratch& scratch) {
  FormatContext own = context;
  own.response = &response;
  if (chosen.route.virtual_host->include_attempt_count_in_response && context.attempts > 0) {
    SetNumber("x-envoy-attempt-count", context.attempts, response);
  }
  if (chosen.weighted != nullptr) {
    ApplyHeaderMutations(chosen.weighted->response_headers, own, MessageKind::kResponse, response,
                         scratch);
  }
  const auto of = [](const auto& level) -> const HeaderMutations& {
    return level.response_headers;
  };
  ApplyLevels(chosen, of, own, MessageKind::kResponse, response, scratch);
}

std::optional<std::string> RewrittenPath(const CompiledRoute& route, std::string_view path) {
  const auto& action = std::get<ForwardAction>(route.route->action);
  if (action.prefix_rewrite && !action.prefix_rewrite->empty()) {
    return ReplacedPrefix(route.route->match.path, *action.prefix_rewrite, path);
  }
  if (action.regex_rewrite) return ReplacedPath(*action.regex_rewrite, path);
  return std::nullopt;
}

std::string ReplacedPrefix(const PathMatcher& matcher, std::string_view replacement,
                           std::string_view path) {
  const size_t matched =
      matcher.kind == PathMatcher::Kind::kRegex ? WithoutQuery(path).size() : matcher.value.size();
  std::string result(replacement);
  result.append(path.substr(std::min(matched, path.size())));
  return result;
}

std::string ReplacedPath(const RegexRewrite& rewrite, std::string_view path) {
  const std::string_view matched = WithoutQuery(path);
  std::string result = Replaced(rewrite, matched);
  result.append(path.substr(matched.size()));
  return result;
}

const resource::FaultPolicy* EffectiveFault(const ChosenRoute& chosen,
                                            const HttpSettings& settings) {
  if (!settings.has_fault_filter) return nullptr;
  if (chosen.weighted != nullptr && chosen.weighted->fault) return &*chosen.weighted->fault;
  if (chosen.route.route->fault) return &*chosen.route.route->fault;
  if (chosen.route.virtual_host->fault) return &*chosen.route.virtual_host->fault;
  return settings.fault ? &*settings.fault : nullptr;
}

std::optional<absl::Duration> EffectiveTimeout(const ForwardAction& action) {
  const absl::Duration timeout = action.timeout.value_or(absl::Seconds(15));
  return timeout == absl::ZeroDuration() ? std::nullopt : std::optional(timeout);
}

}  // namespace meshlib::route
