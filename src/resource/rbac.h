// SPDX-License-Identifier: Apache-2.0
// RbacFilter: envoy.extensions.filters.http.rbac.v3.RBAC, as a value. Nothing here decides.

#ifndef MESHLIB_RESOURCE_RBAC_H_
#define MESHLIB_RESOURCE_RBAC_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "resource/cidr_range.h"
#include "resource/matcher.h"

namespace meshlib::resource {

struct RbacRule;

// The forms of an RbacRule.
struct RbacAny {
  friend bool operator==(const RbacAny&, const RbacAny&) = default;
};
struct RbacAllOf {
  std::vector<RbacRule> rules;
  friend bool operator==(const RbacAllOf& a, const RbacAllOf& b);
};
struct RbacAnyOf {
  std::vector<RbacRule> rules;
  friend bool operator==(const RbacAnyOf& a, const RbacAnyOf& b);
};
struct RbacNot {
  std::vector<RbacRule> rule;  // one
  friend bool operator==(const RbacNot& a, const RbacNot& b);
};
// The path without query and fragment.
struct RbacPath {
  StringMatcher path;
  friend bool operator==(const RbacPath&, const RbacPath&) = default;
};
// [start, end) of the port that the client connected to.
struct RbacPort {
  uint32_t start = 0;
  uint32_t end = 0;
  friend bool operator==(const RbacPort&, const RbacPort&) = default;
};
struct RbacAddress {
  enum class Whose : uint8_t {
    kDestination,   // destination_ip: our end of the connection
    kDirectRemote,  // direct_remote_ip: the other end of the connection
    kRemote,        // remote_ip: the client's, as trusted proxies tell it
    kSource,        // source_ip, the older form of direct_remote_ip
  };
  Whose whose = Whose::kDirectRemote;
  CidrRange range;
  friend bool operator==(const RbacAddress&, const RbacAddress&) = default;
};
// One of the peer's names: a URI, a DNS name or the subject of its certificate. Without a matcher,
// every peer that uses TLS.
struct RbacAuthenticated {
  std::optional<StringMatcher> name;
  friend bool operator==(const RbacAuthenticated&, const RbacAuthenticated&) = default;
};
// The SNI; empty where there is none.
struct RbacServerName {
  StringMatcher name;
  friend bool operator==(const RbacServerName&, const RbacServerName&) = default;
};

// A Permission or a Principal. A value.
struct RbacRule {
  std::variant<RbacAny, RbacAllOf, RbacAnyOf, RbacNot, HeaderMatcher, RbacPath, RbacPort,
               RbacAddress, RbacAuthenticated, RbacServerName>
      form;
  friend bool operator==(const RbacRule&, const RbacRule&) = default;
};

inline bool operator==(const RbacAllOf& a, const RbacAllOf& b) { return a.rules == b.rules; }
inline bool operator==(const RbacAnyOf& a, const RbacAnyOf& b) { return a.rules == b.rules; }
inline bool operator==(const RbacNot& a, const RbacNot& b) { return a.rule == b.rule; }

// Matches what one of the permissions and one of the principals matches. A value.
struct RbacPolicy {
  std::string name;
  std::vector<RbacRule> permissions;
  std::vector<RbacRule> principals;
  friend bool operator==(const RbacPolicy&, const RbacPolicy&) = default;
};

// envoy.config.rbac.v3.RBAC. A value.
struct RbacRules {
  enum class Action : uint8_t {
    kAllow,  // only what a policy matches
    kDeny,   // only what no policy matches
    kLog,    // everything
  };
  Action action = Action::kAllow;
  std::vector<RbacPolicy> policies;  // by name, as Envoy looks at them
  friend bool operator==(const RbacRules&, const RbacRules&) = default;
};

// One filter. A value.
struct RbacFilter {
  std::string name;                       // of the HTTP filter
  std::optional<RbacRules> rules;         // absent: everything passes
  std::optional<RbacRules> shadow_rules;  // looked at, never enforced
  friend bool operator==(const RbacFilter&, const RbacFilter&) = default;
};

}  // namespace meshlib::resource

#endif  // MESHLIB_RESOURCE_RBAC_H_
