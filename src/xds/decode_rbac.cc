// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_rbac.h"

#include <map>
#include <string>
#include <utility>

#include "meshlib/envoy/extensions/filters/http/rbac/v3/rbac.pb.h"
#include "xds/decode_matcher.h"
#include "xds/decode_unused.h"
#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

namespace rbac = envoy::config::rbac::v3;
namespace core = envoy::config::core::v3;
namespace matcher = envoy::type::matcher::v3;
using resource::RbacAddress;
using resource::RbacRule;
using resource::RbacRules;

// Rules nest; deeper ones than this are nobody's policy.
constexpr int kMaxDepth = 32;
constexpr int32_t kMaxPort = 65535;

template <typename Message>
using DecodeRule = RbacRule (*)(const Message&, int, DecodeContext&);

template <typename Message>
std::vector<RbacRule> DecodeRules(const google::protobuf::RepeatedPtrField<Message>& in,
                                  std::string_view field, int depth, DecodeRule<Message> decode,
                                  DecodeContext& context) {
  if (in.empty()) context.Error(field, "must not be empty");
  std::vector<RbacRule> out;
  out.reserve(static_cast<size_t>(in.size()));
  for (int i = 0; i < in.size(); ++i) {
    const auto scope = context.In(field, i);
    out.push_back(decode(in[i], depth + 1, context));
  }
  return out;
}

template <typename Message>
RbacRule DecodeNot(const Message& in, std::string_view field, int depth, DecodeRule<Message> decode,
                   DecodeContext& context) {
  const auto scope = context.In(field);
  return {resource::RbacNot{{decode(in, depth + 1, context)}}};
}

RbacRule DecodeAnything(bool any, DecodeContext& context) {
  if (!any) context.Error("any", "must be true");
  return {resource::RbacAny{}};
}

RbacRule DecodeHeader(const envoy::config::route::v3::HeaderMatcher& in, DecodeContext& context) {
  const auto scope = context.In("header");
  return {DecodeHeaderMatcher(in, context)};
}

RbacRule DecodePath(const matcher::PathMatcher& in, DecodeContext& context) {
  const auto scope = context.In("url_path.path");
  if (!in.has_path()) context.Error("is required");
  return {resource::RbacPath{DecodeStringMatcher(in.path(), context)}};
}

RbacRule DecodeRange(const core::CidrRange& in, RbacAddress::Whose whose, std::string_view field,
                     DecodeContext& context) {
  const auto scope = context.In(field);
  return {RbacAddress{.whose = whose,
                      .range = DecodeCidrRange(in, context).value_or(resource::CidrRange{})}};
}

RbacRule DecodePort(uint32_t port, DecodeContext& context) {
  if (port > static_cast<uint32_t>(kMaxPort)) {
    context.Error("destination_port", "must not be more than 65535");
    return {resource::RbacPort{}};
  }
  return {resource::RbacPort{.start = port, .end = port + 1}};
}

RbacRule DecodePortRange(const envoy::type::v3::Int32Range& in, DecodeContext& context) {
  const bool valid = in.start() >= 0 && in.start() < in.end() && in.end() <= kMaxPort + 1;
  if (!valid) {
    context.Error("destination_port_range", "must be a range within 0 to 65536");
    return {resource::RbacPort{}};
  }
  return {resource::RbacPort{.start = static_cast<uint32_t>(in.start()),
                             .end = static_cast<uint32_t>(in.end())}};
}

// What is not evaluated here must not be left out: under "not" it would open what was closed.
RbacRule Unsupported(std::string_view field, DecodeContext& context) {
  context.Error(field, "is not supported");
  return {resource::RbacAny{}};
}

RbacRule DecodePermission(const rbac::Permission& in, int depth, DecodeContext& context) {
  if (depth > kMaxDepth) {
    context.Error("rules are nested too deeply");
    return {};
  }
  switch (in.rule_case()) {
    case rbac::Permission::kAndRules:
      return {resource::RbacAllOf{
          DecodeRules(in.and_rules().rules(), "and_rules", depth, DecodePermission, context)}};
    case rbac::Permission::kOrRules:
      return {resource::RbacAnyOf{
          DecodeRules(in.or_rules().rules(), "or_rules", depth, DecodePermission, context)}};
    case rbac::Permission::kNotRule:
      return DecodeNot(in.not_rule(), "not_rule", depth, DecodePermission, context);
    case rbac::Permission::kAny:
      return DecodeAnything(in.any(), context);
    case rbac::Permission::kHeader:
      return DecodeHeader(in.header(), context);
    case rbac::Permission::kUrlPath:
      return DecodePath(in.url_path(), context);
    case rbac::Permission::kDestinationIp:
      return DecodeRange(in.destination_ip(), RbacAddress::Whose::kDestination, "destination_ip",
                         context);
    case rbac::Permission::kDestinationPort:
      return DecodePort(in.destination_port(), context);
    case rbac::Permission::kDestinationPortRange:
      return DecodePortRange(in.destination_port_range(), context);
    case rbac::Permission::kRequestedServerName: {
      const auto scope = context.In("requested_server_name");
      return {resource::RbacServerName{DecodeStringMatcher(in.requested_server_name(), context)}};
    }
    case rbac::Permission::kMetadata:
      return Unsupported("metadata", context);
    case rbac::Permission::kSourcedMetadata:
      return Unsupported("sourced_metadata", context);
    case rbac::Permission::kMatcher:
      return Unsupported("matcher", context);
    case rbac::Permission::kUriTemplate:
      return Unsupported("uri_template", context);
    case rbac::Permission::RULE_NOT_SET:
      break;
  }
  context.Error("rule", "is required");
  return {};
}

RbacRule DecodeAuthenticated(const rbac::Principal::Authenticated& in, DecodeContext& context) {
  const auto scope = context.In("authenticated.principal_name");
  if (!in.has_principal_name()) return {resource::RbacAuthenticated{}};
  return {resource::RbacAuthenticated{DecodeStringMatcher(in.principal_name(), context)}};
}

RbacRule DecodePrincipal(const rbac::Principal& in, int depth, DecodeContext& context) {
  if (depth > kMaxDepth) {
    context.Error("rules are nested too deeply");
    return {};
  }
  switch (in.identifier_case()) {
    case rbac::Principal::kAndIds:
      return {resource::RbacAllOf{
          DecodeRules(in.and_ids().ids(), "and_ids", depth, DecodePrincipal, context)}};
    case rbac::Principal::kOrIds:
      return {resource::RbacAnyOf{
          DecodeRules(in.or_ids().ids(), "or_ids", depth, DecodePrincipal, context)}};
    case rbac::Principal::kNotId:
      return DecodeNot(in.not_id(), "not_id", depth, DecodePrincipal, context);
    case rbac::Principal::kAny:
      return DecodeAnything(in.any(), context);
    case rbac::Principal::kAuthenticated:
      return DecodeAuthenticated(in.authenticated(), context);
    case rbac::Principal::kSourceIp:
      return DecodeRange(in.source_ip(), RbacAddress::Whose::kSource, "source_ip", context);
    case rbac::Principal::kDirectRemoteIp:
      return DecodeRange(in.direct_remote_ip(), RbacAddress::Whose::kDirectRemote,
                         "direct_remote_ip", context);
    case rbac::Principal::kRemoteIp:
      return DecodeRange(in.remote_ip(), RbacAddress::Whose::kRemote, "remote_ip", context);
    case rbac::Principal::kHeader:
      return DecodeHeader(in.header(), context);
    case rbac::Principal::kUrlPath:
      return DecodePath(in.url_path(), context);
    case rbac::Principal::kMetadata:
      return Unsupported("metadata", context);
    case rbac::Principal::kSourcedMetadata:
      return Unsupported("sourced_metadata", context);
    case rbac::Principal::kFilterState:
      return Unsupported("filter_state", context);
    case rbac::Principal::kCustom:
      return Unsupported("custom", context);
    case rbac::Principal::IDENTIFIER_NOT_SET:
      break;
  }
  context.Error("identifier", "is required");
  return {};
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

RbacRules DecodeRuleSet(const rbac::RBAC& in, std::string_view field, DecodeContext& context) {
  const auto scope = context.In(field);
  RbacRules out{.action = DecodeAction(in, context), .policies = {}};
  std::map<std::string_view, const rbac::Policy*> ordered;
  for (const auto& [name, policy] : in.policies()) ordered.emplace(name, &policy);
  for (const auto& [name, policy] : ordered) {
    const auto policy_scope = context.In("policies", name);
    out.policies.push_back({.name = std::string(name),
                            .permissions = DecodeRules(policy->permissions(), "permissions", 0,
                                                       DecodePermission, context),
                            .principals = DecodeRules(policy->principals(), "principals", 0,
                                                      DecodePrincipal, context)});
  }
  return out;
}

}  // namespace

std::optional<resource::RbacFilter> DecodeRbac(const google::protobuf::Any& any,
                                               DecodeContext& context) {
  envoy::extensions::filters::http::rbac::v3::RBAC in;
  if (!in.ParseFromString(any.value())) {
    context.Error("the bytes are not an RBAC filter");
    return std::nullopt;
  }
  RequireNoUnknownFields(in, context);
  resource::RbacFilter out;
  if (in.has_rules()) out.rules = DecodeRuleSet(in.rules(), "rules", context);
  if (in.has_shadow_rules()) {
    out.shadow_rules = DecodeRuleSet(in.shadow_rules(), "shadow_rules", context);
  }
  return out;
}

}  // namespace meshlib::xds
