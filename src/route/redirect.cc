// SPDX-License-Identifier: Apache-2.0
#include "route/redirect.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "route/header_match.h"

namespace meshlib::route {
namespace {

using resource::DirectResponse;
using resource::RedirectAction;

// The request's authority, without its port where another one is configured, or where it is the
// old scheme's default and the scheme changes.
std::string_view KeptAuthority(const RequestHead& head, std::string_view scheme, bool new_port) {
  const std::string_view authority = head.authority;
  size_t colon = authority.rfind(':');
  if (authority.starts_with('[')) {
    const size_t bracket = authority.rfind("]:");
    colon = bracket == authority.npos ? bracket : bracket + 1;
  }
  if (colon == authority.npos) return authority;
  const std::string_view port = authority.substr(colon);
  const bool is_default =
      (head.scheme == "https" && port == ":443") || (head.scheme == "http" && port == ":80");
  const bool drop = new_port || (scheme != head.scheme && is_default);
  return drop ? authority.substr(0, colon) : authority;
}

std::string_view Scheme(const RedirectAction& redirect, const RequestHead& head) {
  if (redirect.scheme_redirect && !redirect.scheme_redirect->empty()) {
    return *redirect.scheme_redirect;
  }
  return redirect.https_redirect ? std::string_view("https") : head.scheme;
}

// The path that the redirect makes of the request's; nullopt when it is not rewritten. What only
// changes the scheme or the port does not rewrite.
std::optional<std::string> RewrittenPath(const RedirectAction& redirect,
                                         const resource::PathMatcher& matcher,
                                         std::string_view path) {
  if (redirect.prefix_rewrite && !redirect.prefix_rewrite->empty()) {
    return ReplacedPrefix(matcher, *redirect.prefix_rewrite, path);
  }
  if (redirect.regex_rewrite) {
    std::string rewritten = ReplacedPath(*redirect.regex_rewrite, path);
    // A rewrite to nothing is none.
    if (!WithoutQuery(rewritten).empty()) return rewritten;
  }
  return std::nullopt;
}

// The path and query to go to, before strip_query.
std::string Path(const RedirectAction& redirect, const resource::PathMatcher& matcher,
                 std::string_view path) {
  if (redirect.path_redirect && !redirect.path_redirect->empty()) {
    std::string result = *redirect.path_redirect;
    const size_t query = path.find('?');
    if (result.find('?') == result.npos && query != path.npos) result.append(path.substr(query));
    return result;
  }
  return RewrittenPath(redirect, matcher, path).value_or(std::string(path));
}

std::string Location(const RedirectAction& redirect, const resource::PathMatcher& matcher,
                     const RequestHead& head) {
  const std::string_view scheme = Scheme(redirect, head);
  std::string location(scheme);
  location.append("://");
  const bool new_port = redirect.port_redirect && *redirect.port_redirect != 0;
  if (redirect.host_redirect && !redirect.host_redirect->empty()) {
    location.append(*redirect.host_redirect);
  } else {
    location.append(KeptAuthority(head, scheme, new_port));
  }
  if (new_port) location.append(":").append(std::to_string(*redirect.port_redirect));
  std::string path = Path(redirect, matcher, head.path);
  // A query that is configured is meant to be there.
  const bool has_own_query =
      redirect.path_redirect && redirect.path_redirect->find('?') != std::string::npos;
  if (redirect.strip_query && !has_own_query) path.resize(std::min(path.find('?'), path.size()));
  if (!path.starts_with('/')) location.push_back('/');
  return location.append(path);
}

// https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
int GrpcStatusOf(int http_status) {
  switch (http_status) {
    case 400:
      return 13;  // INTERNAL
    case 401:
      return 16;  // UNAUTHENTICATED
    case 403:
      return 7;  // PERMISSION_DENIED
    case 404:
      return 12;  // UNIMPLEMENTED
    case 429:
    case 502:
    case 503:
    case 504:
      return 14;  // UNAVAILABLE
    default:
      return 2;  // UNKNOWN
  }
}

// As gRPC wants a grpc-message.
std::string PercentEncoded(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte <= '~' && c != '%') {
      encoded.push_back(c);
    } else {
      encoded.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
  return encoded;
}

}  // namespace

LocalAnswer AnswerLocally(const CompiledRoute& route, const RequestHead& head) {
  LocalAnswer answer;
  if (const auto* redirect = std::get_if<RedirectAction>(&route.route->action)) {
    answer.status = redirect->status;
    answer.location = Location(*redirect, route.route->match.path, head);
    return answer;
  }
  const auto& direct = std::get<DirectResponse>(route.route->action);
  answer.status = direct.status;
  answer.body = direct.body;
  if (direct.status == 201 || (direct.status >= 300 && direct.status < 400)) {
    answer.location = Location(RedirectAction{}, route.route->match.path, head);
  }
  return answer;
}

LocalAnswer AnswerWithHeaders(const ChosenRoute& chosen, const FormatContext& context,
                              const resource::HttpSettings& settings, OutgoingHead& head,
                              Headers& response, RewriteScratch& scratch) {
  LocalAnswer answer = AnswerLocally(chosen.route, head.View());
  if (const auto* redirect = std::get_if<RedirectAction>(&chosen.route.route->action)) {
    const resource::PathMatcher& matcher = chosen.route.route->match.path;
    if (std::optional<std::string> path = RewrittenPath(*redirect, matcher, head.path)) {
      if (!settings.suppress_envoy_headers) head.headers.Set("x-envoy-original-path", head.path);
      head.path = *std::move(path);
    }
  }
  FormatContext own = context;
  const RequestHead view = head.View();
  own.request = &view;
  own.response_code = 0;
  own.attempts = 0;
  response.Clear();
  if (!answer.location.empty()) response.Add("location", answer.location);
  RewriteResponse(chosen, own, response, scratch);
  return answer;
}

void AdaptToGrpc(const RequestHead& head, LocalAnswer& answer, Headers& response) {
  if (!IsGrpc(head)) return;
  response.Set("content-type", "application/grpc");
  response.Set("grpc-status",
               std::to_string(answer.grpc_status.value_or(GrpcStatusOf(answer.status))));
  if (!answer.body.empty() && head.method != "HEAD")
    response.Set("grpc-message", PercentEncoded(answer.body));
  answer.status = 200;
  answer.body.clear();
}

}  // namespace meshlib::route
