// SPDX-License-Identifier: Apache-2.0
// Matching of a Call against one rule.

#ifndef MESHLIB_ACCESS_RULE_MATCH_H_
#define MESHLIB_ACCESS_RULE_MATCH_H_

#include <string_view>
#include <vector>

#include "access/request.h"
#include "resource/rbac.h"

namespace meshlib::access {

// A Request with what many rules need of it.
struct Subject {
  explicit Subject(const Request& of);

  const Request& request;
  std::string_view path;  // without query and fragment
};

bool Matches(const resource::RbacRule& rule, const Subject& subject);
bool MatchesAny(const std::vector<resource::RbacRule>& rules, const Subject& subject);

// Calls `visit` with each of the peer's names until it returns true; whether it did. Envoy compares
// URIs, DNS names and the subject, in this order; a peer without certificate has an empty subject.
template <typename Visit>
bool VisitNames(const Peer& peer, const Visit& visit) {
  for (const std::string& uri : peer.uris) {
    if (visit(uri)) return true;
  }
  for (const std::string& name : peer.dns_names) {
    if (visit(name)) return true;
  }
  return visit(peer.subject);
}

}  // namespace meshlib::access

#endif  // MESHLIB_ACCESS_RULE_MATCH_H_
