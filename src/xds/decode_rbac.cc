#include "xds/decode_rbac.h"

#include <map>
#include <string>

#include "meshlib/envoy/extensions/filters/http/rbac/v3/rbac.pb.h"
#include "proto/any.h"
#include "xds/decode_matcher.h"
#include "xds/decode_unused.h"

namespace meshlib::xds {
namespace {

namespace rbac = envoy::config::rbac::v3;
using resource::RbacRules;

// Rules nest; deeper ones than this are nobody's policy.
constexpr int kMaxDepth = 32;

void CheckPermission(const rbac::Permission& in, int depth, DecodeContext& context);
void CheckPrincipal(const rbac::Principal& in, int depth, DecodeContext& context);

template <typename Items, typename Check>
void CheckAll(const Items& items, std::string_view field, int depth, const Check& check,
              DecodeContext& context) {
  if (items.empty()) context.Error(field, "must not be empty");
  for (int i = 0; i < items.size(); ++i) {
    const auto scope = context.In(field, i);
    check(items[i], depth + 1, context);
  }
}

void CheckPermission(const rbac::Permission& in, int depth, DecodeContext& context) {
  if (depth > kMaxDepth) return context.Error("rules are nested too deeply");
  switch (in.rule_case()) {
    case rbac::Permission::kAndRules:
      return CheckAll(in.and_rules().rules(), "and_rules", depth, CheckPermission, context);
    case rbac::Permission::kOrRules:
      return CheckAll(in.or_rules().rules(), "or_rules", depth, CheckPermission, context);
    case rbac::Permission::kNotRule: {
      const auto scope = context.In("not_rule");
      return CheckPermission(in.not_rule(), depth + 1, context);
    }
    case rbac::Permission::kAny:
      if (!in.any()) context.Error("any", "must be true");
      return;
    case rbac::Permission::kHeader: {
      const auto scope = context.In("header");
      DecodeHeaderMatcher(in.header(), context);
      return;
    }
    case rbac::Permission::kUrlPath: {
      const auto scope = context.In("url_path.path");
      DecodeStringMatcher(in.url_path().path(), context);
      return;
    }
    case rbac::Permission::kMatcher:
    case rbac::Permission::kUriTemplate:
      return context.Error("matchers by extensions are not supported");
    case rbac::Permission::RULE_NOT_SET:
      return context.Error("rule", "is required");
    default:
      return;
  }
}

void CheckPrincipal(const rbac::Principal& in, int depth, DecodeContext& context) {
  if (depth > kMaxDepth) return context.Error("rules are nested too deeply");
  switch (in.identifier_case()) {
    case rbac::Principal::kAndIds:
      return CheckAll(in.and_ids().ids(), "and_ids", depth, CheckPrincipal, context);
    case rbac::Principal::kOrIds:
      return CheckAll(in.or_ids().ids(), "or_ids", depth, CheckPrincipal, context);
    case rbac::Principal::kNotId: {
      const auto scope = context.In("not_id");
      return CheckPrincipal(in.not_id(), depth + 1, context);
    }
    case rbac::Principal::kAny:
      if (!in.any()) context.Error("any", "must be true");
      return;
    case rbac::Principal::kAuthenticated: {
      const auto scope = context.In("authenticated.principal_name");
      if (in.authenticated().has_principal_name()) {
        DecodeStringMatcher(in.authenticated().principal_name(), context);
      }
      return;
    }
    case rbac::Principal::kHeader: {
      const auto scope = context.In("header");
      DecodeHeaderMatcher(in.header(), context);
      return;
    }
    case rbac::Principal::kCustom:
      return context.Error("principals by extensions are not supported");
    case rbac::Principal::IDENTIFIER_NOT_SET:
      return context.Error("identifier", "is required");
    default:
      return;
  }
}

void CheckPolicy(const rbac::Policy& in, DecodeContext& context) {
  CheckAll(in.permissions(), "permissions", 0, CheckPermission, context);
  CheckAll(in.principals(), "principals", 0, CheckPrincipal, context);
}

RbacRules::Action DecodeAction(const rbac::RBAC& in, DecodeContext& context) {
  switch (in.action()) {
    case rbac::RBAC::ALLOW:
      return RbacRules::Action::kAllow;
    case rbac::RBAC::DENY:
      return RbacRules::Action::kDeny;
    case rbac::RBAC::LOG:
      return RbacRules::Action::kLog;
    default:
      context.Error("action", "unknown value");
      return RbacRules::Action::kDeny;
  }
}

}  // namespace

std::optional<RbacRules> DecodeRbac(const google::protobuf::Any& any, DecodeContext& context) {
  envoy::extensions::filters::http::rbac::v3::RBAC in;
  if (!in.ParseFromString(any.value())) {
    context.Error("the bytes are not an RBAC filter");
    return std::nullopt;
  }
  RequireNoUnknownFields(in, context);
  if (!in.has_rules()) return std::nullopt;
  const auto scope = context.In("rules");
  RbacRules out;
  out.action = DecodeAction(in.rules(), context);
  std::map<std::string, const rbac::Policy*> ordered;
  for (const auto& [name, policy] : in.rules().policies()) ordered.emplace(name, &policy);
  for (const auto& [name, policy] : ordered) {
    const auto policy_scope = context.In("policies", name);
    CheckPolicy(*policy, context);
    out.policy_names.push_back(name);
  }
  out.serialized = proto::SerializeDeterministic(in.rules());
  return out;
}

}  // namespace meshlib::xds
