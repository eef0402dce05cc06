// SPDX-License-Identifier: Apache-2.0
#include "translate/rbac_rules.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "resource/cidr_range.h"
#include "translate/xds.h"

namespace meshlib::translate {
namespace {

using manifest::AuthorizationCondition;
using manifest::AuthorizationOperation;
using manifest::AuthorizationRule;
using manifest::AuthorizationSource;
using manifest::ValueLists;
using xds_rbac::Permission;
using xds_rbac::Principal;

constexpr char kSpiffe[] = "spiffe://";
// What Envoy's URI templates take for "*": letters of a segment.
constexpr char kSegmentLetters[] = "a-zA-Z0-9\\-._~%!$&'()+,;:@=";

std::string Quoted(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) quoted += '\\';
    quoted += c;
  }
  return quoted;
}

// `parts` around each "*", quoted, with `wildcard` between them.
std::string GlobRegex(std::string_view glob, std::string_view wildcard) {
  std::string regex;
  for (size_t at = 0; at <= glob.size();) {
    const size_t star = std::min(glob.find('*', at), glob.size());
    regex += Quoted(glob.substr(at, star - at));
    if (star < glob.size()) regex += wildcard;
    at = star + 1;
  }
  return regex;
}

void SetRegex(std::string regex, xds_matcher::StringMatcher& out) {
  out.mutable_safe_regex()->set_regex(std::move(regex));
}

// "*" is anything but nothing; at one end it stands for the rest. `before` is put before the text.
void SetGlob(const std::string& glob, std::string_view before, xds_matcher::StringMatcher& out) {
  const std::string prefix(before);
  if (glob == "*") {
    SetRegex(".+", out);
  } else if (glob.front() == '*' && prefix.empty()) {
    out.set_suffix(glob.substr(1));
  } else if (glob.front() == '*') {
    SetRegex(prefix + ".*" + Quoted(std::string_view(glob).substr(1)), out);
  } else if (glob.back() == '*') {
    out.set_prefix(prefix + glob.substr(0, glob.size() - 1));
  } else {
    out.set_exact(prefix + glob);
  }
}

void SetHeader(const std::string& name, const std::string& glob, bool ignore_case,
               xds_route::HeaderMatcher& out) {
  out.set_name(name);
  if (glob == "*") return out.set_present_match(true);
  SetGlob(glob, "", *out.mutable_string_match());
  if (ignore_case) out.mutable_string_match()->set_ignore_case(true);
}

bool SetRange(const std::string& text, xds_core::CidrRange& out) {
  const auto range = resource::CidrRange::FromString(text);
  if (!range) return false;
  out.set_address_prefix(range->address.IpString());
  out.mutable_prefix_len()->set_value(range->prefix_size);
  return true;
}

bool IsTemplate(const std::string& path) {
  return absl::StrContains(path, "{*}") || absl::StrContains(path, "{**}");
}

// The meaning of Envoy's uri_template, in words that every RBAC filter knows.
std::string TemplateRegex(const std::string& path) {
  const std::string one = absl::StrCat("[", kSegmentLetters, "]+");
  const std::string rest = absl::StrCat("[", kSegmentLetters, "/]*");
  return absl::StrReplaceAll(Quoted(path), {{"\\{\\*\\*\\}", rest}, {"\\{\\*\\}", one}});
}

// Each makes one value a rule; false where it cannot be compared.
using MakePrincipal = bool (*)(const std::string& key, const std::string& value,
                               const RbacTarget& target, Principal& out);
using MakePermission = bool (*)(const std::string& key, const std::string& value,
                                const RbacTarget& target, Permission& out);

xds_matcher::StringMatcher& PeerName(Principal& out) {
  return *out.mutable_authenticated()->mutable_principal_name();
}

bool FromPrincipal(const std::string&, const std::string& value, const RbacTarget&,
                   Principal& out) {
  SetGlob(value, kSpiffe, PeerName(out));
  return true;
}

bool FromNamespace(const std::string&, const std::string& value, const RbacTarget&,
                   Principal& out) {
  SetRegex(absl::StrCat(".*/ns/", GlobRegex(value, ".*"), "/.*"), PeerName(out));
  return true;
}

bool FromServiceAccount(const std::string&, const std::string& value, const RbacTarget& target,
                        Principal& out) {
  const size_t slash = value.find('/');
  const bool has_namespace = slash != std::string::npos;
  const std::string name_space = has_namespace ? value.substr(0, slash) : target.policy_namespace;
  const std::string account = has_namespace ? value.substr(slash + 1) : value;
  SetRegex(
      absl::StrCat(kSpiffe, ".+/ns/", Quoted(name_space), "/(.+/|)sa/", Quoted(account), "(/.+)?"),
      PeerName(out));
  return true;
}

bool FromTrustDomain(const std::string&, const std::string& value, const RbacTarget&,
                     Principal& out) {
  if (value == "*") {
    PeerName(out).set_prefix(kSpiffe);
  } else if (absl::StrContains(value, "*")) {
    SetRegex(absl::StrCat(kSpiffe, GlobRegex(value, "[^/]*"), "/.*"), PeerName(out));
  } else {
    PeerName(out).set_prefix(absl::StrCat(kSpiffe, value, "/"));
  }
  return true;
}

bool FromIp(const std::string&, const std::string& value, const RbacTarget&, Principal& out) {
  return SetRange(value, *out.mutable_direct_remote_ip());
}

bool FromRemoteIp(const std::string&, const std::string& value, const RbacTarget&, Principal& out) {
  return SetRange(value, *out.mutable_remote_ip());
}

// "request.headers[x-role]"
bool FromHeader(const std::string& key, const std::string& value, const RbacTarget& target,
                Principal& out) {
  const size_t open = key.find('[');
  if (target.tcp || open == std::string::npos) return false;
  SetHeader(key.substr(open + 1, key.size() - open - 2), value, false, *out.mutable_header());
  return true;
}

// Tokens of end users.
bool FromToken(const std::string&, const std::string&, const RbacTarget&, Principal&) {
  return false;
}

bool ToHost(const std::string&, const std::string& value, const RbacTarget& target,
            Permission& out) {
  if (target.tcp) return false;
  SetHeader(":authority", value, true, *out.mutable_header());
  return true;
}

bool ToMethod(const std::string&, const std::string& value, const RbacTarget& target,
              Permission& out) {
  if (target.tcp) return false;
  SetHeader(":method", value, false, *out.mutable_header());
  return true;
}

bool ToPath(const std::string&, const std::string& value, const RbacTarget& target,
            Permission& out) {
  if (target.tcp) return false;
  xds_matcher::StringMatcher& path = *out.mutable_url_path()->mutable_path();
  if (IsTemplate(value)) {
    SetRegex(TemplateRegex(value), path);
  } else {
    SetGlob(value, "", path);
  }
  return true;
}

bool ToPort(const std::string&, const std::string& value, const RbacTarget&, Permission& out) {
  uint32_t port = 0;
  if (!absl::SimpleAtoi(value, &port)) return false;
  out.set_destination_port(port);
  return true;
}

bool ToIp(const std::string&, const std::string& value, const RbacTarget&, Permission& out) {
  return SetRange(value, *out.mutable_destination_ip());
}

bool ToServerName(const std::string&, const std::string& value, const RbacTarget&,
                  Permission& out) {
  SetGlob(value, "", *out.mutable_requested_server_name());
  return true;
}

bool ToMetadata(const std::string&, const std::string&, const RbacTarget&, Permission&) {
  return false;
}

MakePrincipal PrincipalOf(const std::string& key) {
  if (key == "source.ip") return FromIp;
  if (key == "remote.ip") return FromRemoteIp;
  if (key == "source.namespace") return FromNamespace;
  if (key == "source.serviceAccount") return FromServiceAccount;
  if (key == "source.trustDomain") return FromTrustDomain;
  if (key == "source.principal") return FromPrincipal;
  if (absl::StartsWith(key, "request.headers")) return FromHeader;
  return absl::StartsWith(key, "request.auth.") ? FromToken : nullptr;
}

MakePermission PermissionOf(const std::string& key) {
  if (key == "destination.ip") return ToIp;
  if (key == "destination.port") return ToPort;
  return key == "connection.sni" ? ToServerName : ToMetadata;
}

google::protobuf::RepeatedPtrField<Principal>& AllOf(Principal& out) {
  return *out.mutable_and_ids()->mutable_ids();
}
google::protobuf::RepeatedPtrField<Permission>& AllOf(Permission& out) {
  return *out.mutable_and_rules()->mutable_rules();
}
google::protobuf::RepeatedPtrField<Principal>& AnyOf(Principal& out) {
  return *out.mutable_or_ids()->mutable_ids();
}
google::protobuf::RepeatedPtrField<Permission>& AnyOf(Permission& out) {
  return *out.mutable_or_rules()->mutable_rules();
}
Principal& Not(Principal& out) { return *out.mutable_not_id(); }
Permission& Not(Permission& out) { return *out.mutable_not_rule(); }

// All that one Principal or Permission asks for.
template <typename Rule>
class AllOfBuilder final {
 public:
  using Make = bool (*)(const std::string&, const std::string&, const RbacTarget&, Rule&);

  explicit AllOfBuilder(const RbacTarget& target) : target_(target) {}

  void Add(const ValueLists& lists, Make make, const std::string& key = {}) {
    Rule any;
    if (CollectAny(lists.values, make, key, any)) *AllOf(out_).Add() = any;
    Rule none;
    if (CollectAny(lists.not_values, make, key, Not(none))) *AllOf(out_).Add() = none;
  }

  // nullopt: something cannot be compared, and an ALLOW rule must not do without.
  std::optional<Rule> Take() {
    if (failed_) return std::nullopt;
    if (AllOf(out_).empty()) AllOf(out_).Add()->set_any(true);
    return std::move(out_);
  }

 private:
  // False when there is nothing.
  bool CollectAny(const std::vector<std::string>& values, Make make, const std::string& key,
                  Rule& out) {
    for (const std::string& value : values) {
      Rule rule;
      if (make(key, value, target_, rule)) {
        *AnyOf(out).Add() = std::move(rule);
      } else {
        failed_ = failed_ || target_.allows;
      }
    }
    return !values.empty() && !AnyOf(out).empty();
  }

  const RbacTarget& target_;
  Rule out_;
  bool failed_ = false;
};

// What is said of trust domains, in terms of those of the mesh.
ValueLists InTrustDomains(const ValueLists& lists, MakePrincipal make, const RbacTarget& target) {
  const TrustDomains* domains = target.trust_domains;
  if (domains == nullptr) return lists;
  if (make == FromPrincipal) {
    return {domains->OfPrincipals(lists.values), domains->OfPrincipals(lists.not_values)};
  }
  if (make == FromTrustDomain) {
    return {domains->OfDomains(lists.values), domains->OfDomains(lists.not_values)};
  }
  return lists;
}

void AddConditions(const AuthorizationRule& rule, const RbacTarget& target,
                   AllOfBuilder<Principal>& all) {
  for (const AuthorizationCondition& condition : rule.when) {
    if (const MakePrincipal make = PrincipalOf(condition.key)) {
      all.Add(InTrustDomains(condition.values, make, target), make, condition.key);
    }
  }
}

void AddConditions(const AuthorizationRule& rule, AllOfBuilder<Permission>& all) {
  for (const AuthorizationCondition& condition : rule.when) {
    if (PrincipalOf(condition.key) != nullptr) continue;
    all.Add(condition.values, PermissionOf(condition.key), condition.key);
  }
}

std::optional<Principal> PrincipalFor(const AuthorizationSource& source,
                                      const AuthorizationRule& rule, const RbacTarget& target) {
  AllOfBuilder<Principal> all(target);
  all.Add(InTrustDomains(source.principals, FromPrincipal, target), FromPrincipal);
  all.Add(source.request_principals, FromToken);
  all.Add(source.service_accounts, FromServiceAccount);
  all.Add(InTrustDomains(source.trust_domains, FromTrustDomain, target), FromTrustDomain);
  all.Add(source.namespaces, FromNamespace);
  all.Add(source.remote_ip_blocks, FromRemoteIp);
  all.Add(source.ip_blocks, FromIp);
  AddConditions(rule, target, all);
  return all.Take();
}

std::optional<Permission> PermissionFor(const AuthorizationOperation& operation,
                                        const AuthorizationRule& rule, const RbacTarget& target) {
  AllOfBuilder<Permission> all(target);
  all.Add(operation.hosts, ToHost);
  all.Add(operation.methods, ToMethod);
  all.Add(operation.paths, ToPath);
  all.Add(operation.ports, ToPort);
  AddConditions(rule, all);
  return all.Take();
}

// One of each, also where the rule names none.
template <typename Item>
std::vector<Item> AtLeastOne(const std::vector<Item>& items) {
  return items.empty() ? std::vector<Item>(1) : items;
}

}  // namespace

std::optional<xds_rbac::Policy> BuildRbacPolicy(const AuthorizationRule& rule,
                                                const RbacTarget& target) {
  xds_rbac::Policy policy;
  for (const AuthorizationOperation& operation : AtLeastOne(rule.to)) {
    auto permission = PermissionFor(operation, rule, target);
    if (!permission) return std::nullopt;
    *policy.add_permissions() = *std::move(permission);
  }
  for (const AuthorizationSource& source : AtLeastOne(rule.from)) {
    auto principal = PrincipalFor(source, rule, target);
    if (!principal) return std::nullopt;
    *policy.add_principals() = *std::move(principal);
  }
  return policy;
}

xds_rbac::Policy NeverMatching() {
  xds_rbac::Policy policy;
  policy.add_permissions()->mutable_not_rule()->set_any(true);
  policy.add_principals()->mutable_not_id()->set_any(true);
  return policy;
}

}  // namespace meshlib::translate
