// SPDX-License-Identifier: Apache-2.0
// Builders of RouteConfigs that read as sentences.

#ifndef MESHLIB_TESTS_ROUTE_ROUTE_BUILDER_H_
#define MESHLIB_TESTS_ROUTE_ROUTE_BUILDER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "re2/re2.h"
#include "resource/route_config.h"
#include "route/route_table.h"

namespace meshlib::route {

inline resource::Regex Regex(const std::string& pattern) {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  return {pattern, std::make_shared<const re2::RE2>(pattern, options)};
}

inline resource::StringMatcher String(resource::StringMatcher::Kind kind, std::string value) {
  resource::StringMatcher matcher;
  matcher.kind = kind;
  if (kind == resource::StringMatcher::Kind::kRegex) {
    matcher.regex = Regex(value);
  } else {
    matcher.value = std::move(value);
  }
  return matcher;
}

inline resource::StringMatcher Exactly(std::string value) {
  return String(resource::StringMatcher::Kind::kExact, std::move(value));
}

// A Route whose name is also its cluster's.
inline resource::Route RouteTo(std::string name, resource::PathMatcher::Kind kind,
                               std::string path) {
  resource::Route route;
  route.name = name;
  route.match.path.kind = kind;
  if (kind == resource::PathMatcher::Kind::kRegex) {
    route.match.path.regex = Regex(path);
  } else {
    route.match.path.value = std::move(path);
  }
  resource::ForwardAction action;
  action.cluster = resource::ClusterName(std::move(name));
  route.action = std::move(action);
  return route;
}

inline resource::Route Prefix(std::string name, std::string path) {
  return RouteTo(std::move(name), resource::PathMatcher::Kind::kPrefix, std::move(path));
}

inline resource::Route Exact(std::string name, std::string path) {
  return RouteTo(std::move(name), resource::PathMatcher::Kind::kExact, std::move(path));
}

inline resource::Route Separated(std::string name, std::string path) {
  return RouteTo(std::move(name), resource::PathMatcher::Kind::kPathSeparatedPrefix,
                 std::move(path));
}

inline resource::Route Pattern(std::string name, std::string pattern) {
  return RouteTo(std::move(name), resource::PathMatcher::Kind::kRegex, std::move(pattern));
}

inline resource::Route IgnoringCase(resource::Route route) {
  route.match.path.case_sensitive = false;
  return route;
}

inline resource::Route With(resource::Route route, resource::HeaderMatcher matcher) {
  route.match.headers.push_back(std::move(matcher));
  return route;
}

inline resource::ForwardAction& Forward(resource::Route& route) {
  return std::get<resource::ForwardAction>(route.action);
}

inline resource::VirtualHost Host(std::string name, std::vector<std::string> domains,
                                  std::vector<resource::Route> routes) {
  resource::VirtualHost host;
  host.name = std::move(name);
  host.domains = std::move(domains);
  host.routes = std::move(routes);
  return host;
}

inline std::shared_ptr<resource::RouteConfig> Config(std::vector<resource::VirtualHost> hosts) {
  auto config = std::make_shared<resource::RouteConfig>();
  config->virtual_hosts = std::move(hosts);
  return config;
}

inline std::shared_ptr<const RouteTable> TableOf(std::vector<resource::Route> routes) {
  return RouteTable::Compile(Config({Host("all", {"*"}, std::move(routes))}));
}

}  // namespace meshlib::route

#endif  // MESHLIB_TESTS_ROUTE_ROUTE_BUILDER_H_
