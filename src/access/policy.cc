// SPDX-License-Identifier: Apache-2.0
#include "access/policy.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "access/rule_match.h"
#include "access/rule_set.h"

namespace meshlib::access {
namespace {

using Action = resource::RbacRules::Action;

constexpr size_t kMostOfAName = 500;  // of a policy, in a log

struct Filter {
  explicit Filter(const resource::RbacFilter& filter) {
    if (filter.rules) rules.emplace(*filter.rules);
    if (filter.shadow_rules) shadow_rules.emplace(*filter.shadow_rules);
  }

  std::optional<RuleSet> rules, shadow_rules;
};

std::string_view NameOf(const resource::RbacPolicy* policy) {
  return policy == nullptr ? std::string_view() : policy->name;
}

bool Allows(Action action, const resource::RbacPolicy* found) {
  return action == Action::kLog || (found != nullptr) == (action == Action::kAllow);
}

// The first refusal is what counts, or else the first policy that matched.
void LookAtShadow(const RuleSet& rules, const Subject& subject, Verdict& verdict) {
  if (verdict.shadow == Verdict::Shadow::kDenied) return;
  const resource::RbacPolicy* found = rules.Find(subject);
  const bool allows = Allows(rules.action(), found);
  const bool is_first = verdict.shadow == Verdict::Shadow::kNone;
  verdict.shadow = allows ? Verdict::Shadow::kAllowed : Verdict::Shadow::kDenied;
  if (is_first || !allows) verdict.shadow_policy = NameOf(found);
}

void Apply(const RuleSet& rules, const Subject& subject, Verdict& verdict) {
  const resource::RbacPolicy* found = rules.Find(subject);
  if (rules.action() == Action::kLog) {
    if (verdict.audit_policy.empty()) verdict.audit_policy = NameOf(found);
    return;
  }
  verdict.allowed = Allows(rules.action(), found);
  if (!verdict.allowed || found != nullptr) verdict.policy = NameOf(found);
}

}  // namespace

struct Policy::Parts {
  std::vector<std::unique_ptr<const Filter>> filters;
};

Policy::Policy(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
Policy::~Policy() = default;

std::shared_ptr<const Policy> Policy::Compile(const std::vector<resource::RbacFilter>& filters) {
  auto parts = std::make_unique<Parts>();
  for (const resource::RbacFilter& filter : filters) {
    if (!filter.rules && !filter.shadow_rules) continue;
    parts->filters.push_back(std::make_unique<const Filter>(filter));
  }
  if (parts->filters.empty()) return nullptr;
  return std::shared_ptr<const Policy>(new Policy(std::move(parts)));
}

Verdict Policy::Check(const Request& request) const {
  const Subject subject(request);
  Verdict verdict;
  for (const auto& filter : parts_->filters) {
    if (filter->shadow_rules) LookAtShadow(*filter->shadow_rules, subject, verdict);
    if (filter->rules) Apply(*filter->rules, subject, verdict);
    if (!verdict.allowed) return verdict;
  }
  return verdict;
}

std::string NameForLogs(std::string_view policy) {
  std::string name(policy.empty() ? std::string_view("none") : policy.substr(0, kMostOfAName));
  // Envoy does so with blanks; nothing else that is invisible belongs into a log either.
  std::replace_if(
      name.begin(), name.end(), [](char c) { return (c >= 0 && c <= ' ') || c == '\x7f'; }, '_');
  return name;
}

std::string Verdict::Details() const {
  return "rbac_access_denied_matched_policy[" + NameForLogs(policy) + "]";
}

}  // namespace meshlib::access
