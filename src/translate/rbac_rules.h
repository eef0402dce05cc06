// SPDX-License-Identifier: Apache-2.0
// The rules of an AuthorizationPolicy, as Envoy's policies.

#ifndef MESHLIB_TRANSLATE_RBAC_RULES_H_
#define MESHLIB_TRANSLATE_RBAC_RULES_H_

#include <optional>
#include <string>

#include "manifest/authorization_policy.h"
#include "meshlib/envoy/config/rbac/v3/rbac.pb.h"
#include "translate/trust_domains.h"

namespace meshlib::translate {

namespace xds_rbac = ::meshlib::envoy::config::rbac::v3;

// What the rules are for.
struct RbacTarget {
  // What cannot be compared makes an ALLOW rule allow nothing, and is left out of others: both let
  // through less.
  bool allows = false;
  bool tcp = false;                // paths, methods, hosts and headers cannot be compared
  std::string policy_namespace{};  // of service accounts without one
  // Those of principals; null: as they are written.
  const TrustDomains* trust_domains = nullptr;
};

// nullopt: the rule allows nothing.
std::optional<xds_rbac::Policy> BuildRbacPolicy(const manifest::AuthorizationRule& rule,
                                                const RbacTarget& target);

// For a policy without rules.
xds_rbac::Policy NeverMatching();

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_RBAC_RULES_H_
