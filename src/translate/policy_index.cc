// SPDX-License-Identifier: Apache-2.0
#include "translate/policy_index.h"

#include <optional>

#include "translate/destination_rule_index.h"
#include "translate/node_class.h"

namespace meshlib::translate {
namespace {

using manifest::AuthorizationPolicy;
using manifest::PeerAuthentication;

bool AppliesIn(const manifest::ObjectMeta& meta, const std::string& name_space) {
  return meta.name_space == name_space || meta.name_space == kRootNamespace;
}

std::vector<const AuthorizationPolicy*>& ListOf(AuthorizationPolicy::Action action,
                                                AppliedPolicies& applied) {
  switch (action) {
    case AuthorizationPolicy::Action::kAllow:
      return applied.allow;
    case AuthorizationPolicy::Action::kAudit:
      return applied.audit;
    case AuthorizationPolicy::Action::kCustom:
      return applied.custom;
    case AuthorizationPolicy::Action::kDeny:
      break;
  }
  return applied.deny;
}

// The policies of a workload that count, one of each level.
struct Levels {
  const PeerAuthentication* mesh = nullptr;
  const PeerAuthentication* name_space = nullptr;
  const PeerAuthentication* workload = nullptr;
};

// A policy of the root namespace with a selector has no effect.
const PeerAuthentication** LevelOf(const PeerAuthentication& policy, Levels& levels) {
  const bool of_mesh = policy.meta.name_space == kRootNamespace;
  if (policy.selector.empty()) return of_mesh ? &levels.mesh : &levels.name_space;
  return of_mesh ? nullptr : &levels.workload;
}

Levels LevelsOf(const manifest::Manifest& manifest, const std::string& name_space,
                const manifest::Labels& labels) {
  Levels levels;
  for (const PeerAuthentication& policy : manifest.peer_authentications) {
    if (!AppliesIn(policy.meta, name_space) || !LabelsMatch(policy.selector, labels)) continue;
    const PeerAuthentication** level = LevelOf(policy, levels);
    if (level == nullptr) continue;
    if (*level == nullptr || IsOlder(policy.meta, (*level)->meta)) *level = &policy;
  }
  return levels;
}

std::optional<MtlsMode> ModeOf(PeerAuthentication::Mode mode) {
  switch (mode) {
    case PeerAuthentication::Mode::kUnset:
      return std::nullopt;
    case PeerAuthentication::Mode::kDisable:
      return MtlsMode::kDisable;
    case PeerAuthentication::Mode::kPermissive:
      return MtlsMode::kPermissive;
    case PeerAuthentication::Mode::kStrict:
      return MtlsMode::kStrict;
  }
  return MtlsMode::kStrict;
}

}  // namespace

AppliedPolicies PolicyIndex::Authorization(const std::string& name_space,
                                           const manifest::Labels& labels) const {
  AppliedPolicies applied;
  for (const AuthorizationPolicy& policy : manifest_.authorization_policies) {
    if (policy.has_targets || !AppliesIn(policy.meta, name_space)) continue;
    if (LabelsMatch(policy.selector, labels)) ListOf(policy.action, applied).push_back(&policy);
  }
  return applied;
}

MtlsMode PolicyIndex::Mtls(const std::string& name_space, const manifest::Labels& labels,
                           uint32_t port) const {
  const Levels levels = LevelsOf(manifest_, name_space, labels);
  MtlsMode mode = MtlsMode::kPermissive;
  for (const PeerAuthentication* policy : {levels.mesh, levels.name_space, levels.workload}) {
    if (policy != nullptr) mode = ModeOf(policy->mode).value_or(mode);
  }
  if (levels.workload == nullptr) return mode;
  const auto found = levels.workload->port_modes.find(port);
  return found == levels.workload->port_modes.end() ? mode : ModeOf(found->second).value_or(mode);
}

}  // namespace meshlib::translate
