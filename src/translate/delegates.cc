// SPDX-License-Identifier: Apache-2.0
#include "translate/delegates.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "translate/host_name.h"
#include "translate/mesh_service.h"
#include "translate/virtual_service_index.h"

namespace meshlib::translate {
namespace {

using manifest::HttpMatch;
using manifest::HttpRoute;
using manifest::NamedMatches;
using manifest::StringMatch;

// Whether `inner` is not within `outer`. Nobody can say what a regex contains.
bool Contradicts(const std::optional<StringMatch>& outer, const std::optional<StringMatch>& inner) {
  using Kind = StringMatch::Kind;
  if (!outer || !inner) return false;
  if (outer->kind == Kind::kRegex || inner->kind == Kind::kRegex) return true;
  if (outer->kind == Kind::kExact) return *outer != *inner;
  return !inner->value.starts_with(outer->value);
}

// Of one name, mere presence lies within nothing, and nothing within it.
bool Contradicts(const NamedMatches& outer, const NamedMatches& inner) {
  return std::any_of(inner.begin(), inner.end(), [&](const auto& entry) {
    const auto found = outer.find(entry.first);
    if (found == outer.end()) return false;
    return !found->second || !entry.second || Contradicts(found->second, entry.second);
  });
}

bool Contradicts(const HttpMatch& outer, const HttpMatch& inner) {
  const bool texts = Contradicts(outer.uri, inner.uri) || Contradicts(outer.scheme, inner.scheme) ||
                     Contradicts(outer.method, inner.method) ||
                     Contradicts(outer.authority, inner.authority);
  if (texts || Contradicts(outer.headers, inner.headers) ||
      Contradicts(outer.without_headers, inner.without_headers) ||
      Contradicts(outer.query_params, inner.query_params)) {
    return true;
  }
  if (outer.ignore_uri_case != inner.ignore_uri_case) return true;
  if (outer.port && inner.port && *outer.port != *inner.port) return true;
  // Also an inner match without a namespace: so it is in Istio.
  if (!outer.source_namespace.empty() && inner.source_namespace != outer.source_namespace) {
    return true;
  }
  const bool labels =
      std::any_of(inner.source_labels.begin(), inner.source_labels.end(), [&](const auto& label) {
        const auto found = outer.source_labels.find(label.first);
        return found != outer.source_labels.end() && found->second != label.second;
      });
  if (labels) return true;
  return !outer.gateways.empty() &&
         std::any_of(inner.gateways.begin(), inner.gateways.end(), [&](const std::string& gateway) {
           return std::find(outer.gateways.begin(), outer.gateways.end(), gateway) ==
                  outer.gateways.end();
         });
}

std::string JoinNames(const std::string& outer, const std::string& inner) {
  if (outer.empty() || inner.empty()) return outer + inner;
  return absl::StrCat(outer, "-", inner);
}

template <typename T>
void TakeUnlessSaid(const T& outer, T& inner) {
  if (inner == T()) inner = outer;
}

template <typename Map>
void AddMissing(const Map& outer, Map& inner) {
  inner.insert(outer.begin(), outer.end());
}

HttpMatch Within(const HttpMatch& outer, HttpMatch inner) {
  inner.name = JoinNames(outer.name, inner.name);
  TakeUnlessSaid(outer.uri, inner.uri);
  TakeUnlessSaid(outer.scheme, inner.scheme);
  TakeUnlessSaid(outer.method, inner.method);
  TakeUnlessSaid(outer.authority, inner.authority);
  AddMissing(outer.headers, inner.headers);
  AddMissing(outer.without_headers, inner.without_headers);
  AddMissing(outer.query_params, inner.query_params);
  TakeUnlessSaid(outer.port, inner.port);
  AddMissing(outer.source_labels, inner.source_labels);
  TakeUnlessSaid(outer.source_namespace, inner.source_namespace);
  TakeUnlessSaid(outer.gateways, inner.gateways);
  TakeUnlessSaid(outer.stat_prefix, inner.stat_prefix);
  return inner;
}

// Nothing when one of the inner matches is within none of the outer ones.
std::optional<std::vector<HttpMatch>> Within(const std::vector<HttpMatch>& outer,
                                             const std::vector<HttpMatch>& inner) {
  if (outer.empty()) return inner;
  if (inner.empty()) return outer;
  std::vector<HttpMatch> merged;
  for (const HttpMatch& small : inner) {
    const size_t before = merged.size();
    for (const HttpMatch& large : outer) {
      if (!Contradicts(large, small)) merged.push_back(Within(large, small));
    }
    if (merged.size() == before) return std::nullopt;
  }
  return merged;
}

std::optional<HttpRoute> Within(const HttpRoute& outer, HttpRoute inner) {
  std::optional<std::vector<HttpMatch>> match = Within(outer.match, inner.match);
  if (!match) return std::nullopt;
  inner.match = *std::move(match);
  inner.name = JoinNames(outer.name, inner.name);
  TakeUnlessSaid(outer.rewrite, inner.rewrite);
  TakeUnlessSaid(outer.direct_response, inner.direct_response);
  TakeUnlessSaid(outer.timeout, inner.timeout);
  TakeUnlessSaid(outer.retries, inner.retries);
  TakeUnlessSaid(outer.fault, inner.fault);
  TakeUnlessSaid(outer.mirrors, inner.mirrors);
  TakeUnlessSaid(outer.cors_policy, inner.cors_policy);
  TakeUnlessSaid(outer.headers, inner.headers);
  return inner;
}

// With complete names.
HttpRoute Resolved(HttpRoute route, const std::string& name_space) {
  for (HttpMatch& match : route.match) {
    for (std::string& gateway : match.gateways) gateway = GatewayName(gateway, name_space);
  }
  for (manifest::HttpDestination& to : route.route) {
    to.destination.host = ExpandHost(to.destination.host, name_space);
  }
  for (manifest::HttpMirror& mirror : route.mirrors) {
    mirror.destination.host = ExpandHost(mirror.destination.host, name_space);
  }
  return route;
}

}  // namespace

Delegates::Delegates(const manifest::Manifest& manifest) {
  for (const manifest::VirtualService& object : manifest.virtual_services) {
    if (object.hosts.empty()) by_name_[{object.meta.name_space, object.meta.name}] = &object;
  }
}

bool Delegates::IsRoot(const manifest::VirtualService& object) {
  return !object.hosts.empty() &&
         std::any_of(object.http.begin(), object.http.end(),
                     [](const HttpRoute& route) { return route.delegate.has_value(); });
}

MergedVirtualService Delegates::Merge(const manifest::VirtualService& root) const {
  MergedVirtualService out{.object = root, .fields = {}, .problems = {}};
  out.object.http.clear();
  for (size_t i = 0; i < root.http.size(); ++i) {
    if (root.http[i].delegate) {
      MergeRoute(root, i, out);
    } else {
      out.object.http.push_back(root.http[i]);
      out.fields.push_back(absl::StrCat("http[", i, "]"));
    }
  }
  return out;
}

void Delegates::MergeRoute(const manifest::VirtualService& root, size_t index,
                           MergedVirtualService& out) const {
  HttpRoute outer = Resolved(root.http[index], root.meta.name_space);
  const manifest::Delegate delegate = *std::exchange(outer.delegate, std::nullopt);
  const std::string& name_space =
      delegate.name_space.empty() ? root.meta.name_space : delegate.name_space;
  const std::string called = absl::StrCat("VirtualService ", name_space, "/", delegate.name);
  const auto say = [&](std::string text) {
    out.problems.push_back({.route = index,
                            .text = absl::StrCat(called, text),
                            .position = root.http[index].position});
  };
  const auto found = by_name_.find({name_space, delegate.name});
  if (found == by_name_.end()) {
    return say(" is no delegate that exists, the route is left out");
  }
  const manifest::VirtualService& object = *found->second;
  if (!IsExported(object.export_to, name_space, root.meta.name_space)) {
    return say(
        absl::StrCat(" is not exported to ", root.meta.name_space, ", the route is left out"));
  }
  for (size_t i = 0; i < object.http.size(); ++i) {
    if (auto merged = Within(outer, Resolved(object.http[i], name_space))) {
      out.object.http.push_back(*std::move(merged));
      out.fields.push_back(absl::StrCat("http[", index, "] by ", called, " http[", i, "]"));
    } else {
      say(absl::StrCat(" http[", i, "] is not within what is delegated, that route is left out"));
    }
  }
}

}  // namespace meshlib::translate
