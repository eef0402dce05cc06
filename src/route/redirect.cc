#include "route/redirect.h"

#include <utility>

#include "route/request_rewrite.h"

namespace meshlib::route {
namespace {

using resource::DirectResponse;
using resource::RedirectAction;

// The request's authority, without its port where another one is configured, or where it is the
// old scheme's default and the scheme changes.
std::string_view KeptAuthority(const RequestHead& head, std::string_view scheme, bool new_port) {
  const std::string_view authority = head.authority;
  const size_t colon = authority.starts_with('[') && authority.rfind("]:") == authority.npos
                           ? authority.npos
                           : authority.rfind(':');
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

// The path and query to go to, before strip_query.
std::string Path(const RedirectAction& redirect, const resource::PathMatcher& matcher,
                 std::string_view path) {
  if (redirect.path_redirect && !redirect.path_redirect->empty()) {
    std::string result = *redirect.path_redirect;
    const size_t query = path.find('?');
    if (result.find('?') == result.npos && query != path.npos) result.append(path.substr(query));
    return result;
  }
  if (redirect.prefix_rewrite && !redirect.prefix_rewrite->empty()) {
    return ReplacedPrefix(matcher, *redirect.prefix_rewrite, path);
  }
  if (redirect.regex_rewrite) return ReplacedPath(*redirect.regex_rewrite, path);
  return std::string(path);
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
  return location.append(path);
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

}  // namespace meshlib::route
