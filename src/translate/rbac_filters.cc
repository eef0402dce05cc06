// SPDX-License-Identifier: Apache-2.0
#include "translate/rbac_filters.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "meshlib/envoy/extensions/filters/http/rbac/v3/rbac.pb.h"
#include "proto/any.h"
#include "translate/rbac_rules.h"

namespace meshlib::translate {
namespace {

namespace xds_filter = ::meshlib::envoy::extensions::filters::http::rbac::v3;

using manifest::AuthorizationPolicy;
using Policies = std::vector<const AuthorizationPolicy*>;

constexpr char kFilter[] = "envoy.filters.http.rbac";
constexpr char kGrpcDenyFilter[] = "envoy.filters.http.rbac.DENY";

RbacHttpFilter Filter(const char* name, const xds_filter::RBAC& config) {
  RbacHttpFilter filter;
  filter.set_name(name);
  *filter.mutable_typed_config() = proto::PackAny(config);
  return filter;
}

// What all policies of a server have in common.
struct Context {
  bool tcp = false;
  const TrustDomains* trust_domains = nullptr;
};

std::string RuleName(const AuthorizationPolicy& policy, size_t rule) {
  std::string name = absl::StrCat("ns[", policy.meta.name_space, "]-policy[", policy.meta.name,
                                  "]-rule[", rule, "]");
  if (policy.action != AuthorizationPolicy::Action::kCustom) return name;
  return absl::StrCat("istio-ext-authz-", policy.provider, "-", name,
                      "-deny-due-to-bad-CUSTOM-action");
}

std::string GrpcRuleName(const AuthorizationPolicy& policy, size_t rule) {
  return absl::StrCat(policy.meta.name_space, "-", policy.meta.name, "-", rule);
}

void AddPolicy(const AuthorizationPolicy& policy, const Context& context,
               std::string (*name)(const AuthorizationPolicy&, size_t), xds_rbac::RBAC& out) {
  const RbacTarget target{.allows = out.action() == xds_rbac::RBAC::ALLOW,
                          .tcp = context.tcp,
                          .policy_namespace = policy.meta.name_space,
                          .trust_domains = context.trust_domains};
  for (size_t i = 0; i < policy.rules.size(); ++i) {
    auto built = BuildRbacPolicy(policy.rules[i], target);
    if (built) (*out.mutable_policies())[name(policy, i)] = *std::move(built);
  }
  if (policy.rules.empty()) (*out.mutable_policies())[name(policy, 0)] = NeverMatching();
}

void AddSidecarFilter(const Policies& policies, xds_rbac::RBAC::Action action,
                      const Context& context, std::vector<RbacHttpFilter>& out) {
  if (policies.empty()) return;
  xds_filter::RBAC config;
  config.set_shadow_rules_stat_prefix("istio_dry_run_allow_");
  for (const AuthorizationPolicy* policy : policies) {
    xds_rbac::RBAC& rules =
        policy->dry_run ? *config.mutable_shadow_rules() : *config.mutable_rules();
    rules.set_action(action);
    AddPolicy(*policy, context, RuleName, rules);
    if (policy->dry_run && action == xds_rbac::RBAC::DENY) {
      config.set_shadow_rules_stat_prefix("istio_dry_run_deny_");
    }
  }
  out.push_back(Filter(kFilter, config));
}

// Unlike istiod, an ALLOW filter without a rule that allows is there too: it refuses everything.
void AddGrpcFilter(const char* name, const Policies& policies, xds_rbac::RBAC::Action action,
                   std::vector<RbacHttpFilter>& out) {
  xds_filter::RBAC config;
  for (const AuthorizationPolicy* policy : policies) {
    if (policy->dry_run) continue;
    config.mutable_rules()->set_action(action);
    AddPolicy(*policy, Context(), GrpcRuleName, *config.mutable_rules());
  }
  if (config.has_rules()) out.push_back(Filter(name, config));
}

}  // namespace

std::vector<RbacHttpFilter> BuildRbacFilters(Shape shape, const AppliedPolicies& policies,
                                             const TrustDomains& domains, bool tcp) {
  std::vector<RbacHttpFilter> filters;
  if (shape == Shape::kGrpc) {
    Policies deny = policies.deny;
    deny.insert(deny.end(), policies.custom.begin(), policies.custom.end());
    AddGrpcFilter(kGrpcDenyFilter, deny, xds_rbac::RBAC::DENY, filters);
    AddGrpcFilter(kFilter, policies.allow, xds_rbac::RBAC::ALLOW, filters);
    return filters;
  }
  const Context context{.tcp = tcp, .trust_domains = &domains};
  AddSidecarFilter(policies.custom, xds_rbac::RBAC::DENY, context, filters);
  AddSidecarFilter(policies.audit, xds_rbac::RBAC::LOG, context, filters);
  AddSidecarFilter(policies.deny, xds_rbac::RBAC::DENY, context, filters);
  AddSidecarFilter(policies.allow, xds_rbac::RBAC::ALLOW, context, filters);
  return filters;
}

}  // namespace meshlib::translate
