// SPDX-License-Identifier: Apache-2.0
#include "access/rule_match.h"

#include <algorithm>
#include <variant>

#include "route/header_match.h"

namespace meshlib::access {
namespace {

const resource::Address* AddressOf(const Request& request, resource::RbacAddress::Whose whose) {
  switch (whose) {
    case resource::RbacAddress::Whose::kDestination:
      return request.destination;
    case resource::RbacAddress::Whose::kRemote:
      return request.remote != nullptr ? request.remote : request.direct_remote;
    case resource::RbacAddress::Whose::kDirectRemote:
    case resource::RbacAddress::Whose::kSource:
      return request.direct_remote;
  }
  return nullptr;
}

struct Matcher {
  const Subject& subject;

  bool operator()(const resource::RbacAny&) const { return true; }
  bool operator()(const resource::RbacAllOf& all) const {
    return std::all_of(all.rules.begin(), all.rules.end(),
                       [&](const resource::RbacRule& rule) { return Matches(rule, subject); });
  }
  bool operator()(const resource::RbacAnyOf& any) const { return MatchesAny(any.rules, subject); }
  bool operator()(const resource::RbacNot& negated) const {
    return !Matches(negated.rule.front(), subject);
  }
  bool operator()(const resource::HeaderMatcher& header) const {
    return route::Matches(header, subject.request.head);
  }
  bool operator()(const resource::RbacPath& path) const {
    return !subject.request.head.path.empty() && path.path.Matches(subject.path);
  }
  bool operator()(const resource::RbacPort& port) const {
    const resource::Address* address = subject.request.destination;
    return address != nullptr && address->is_ip() && address->port() >= port.start &&
           address->port() < port.end;
  }
  bool operator()(const resource::RbacAddress& address) const {
    const resource::Address* found = AddressOf(subject.request, address.whose);
    return found != nullptr && address.range.Contains(*found);
  }
  bool operator()(const resource::RbacAuthenticated& authenticated) const {
    const Peer* peer = subject.request.peer;
    if (peer == nullptr) return false;
    return !authenticated.name || VisitNames(*peer, [&](std::string_view name) {
      return authenticated.name->Matches(name);
    });
  }
  bool operator()(const resource::RbacServerName& server) const {
    return server.name.Matches(subject.request.server_name);
  }
};

}  // namespace

Subject::Subject(const Request& of) : request(of), path(route::WithoutQuery(of.head.path)) {}

bool Matches(const resource::RbacRule& rule, const Subject& subject) {
  return std::visit(Matcher{subject}, rule.form);
}

bool MatchesAny(const std::vector<resource::RbacRule>& rules, const Subject& subject) {
  return std::any_of(rules.begin(), rules.end(),
                     [&](const resource::RbacRule& rule) { return Matches(rule, subject); });
}

}  // namespace meshlib::access
