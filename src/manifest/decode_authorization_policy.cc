// SPDX-License-Identifier: Apache-2.0
// AuthorizationPolicy.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "manifest/decode_object.h"
#include "manifest/field_rules.h"

namespace meshlib::manifest {
namespace {

using Action = AuthorizationPolicy::Action;
using DecodeValue = void (*)(const Cursor&, std::string*);

constexpr size_t kMaxServiceAccounts = 16;
constexpr size_t kMaxServiceAccount = 320;
constexpr const char* kDryRun = "istio.io/dry-run";

std::string Shown(const std::string& text) { return absl::StrCat("\"", text.substr(0, 80), "\""); }

void DecodeText(const Cursor& at, std::string* out) {
  Decode(at, out);
  if (out->empty()) at.Error("must not be empty");
}

// A port as text: YAML has to quote it, or it is a number.
void DecodePortText(const Cursor& at, std::string* out) {
  if (!at.Expect(YamlValue::Kind::kScalar)) return;
  *out = at.value().scalar;
  uint32_t port = 0;
  const bool digits = out->find_first_not_of("0123456789") == std::string::npos;
  if (!digits || !absl::SimpleAtoi(*out, &port) || port > 65535) {
    at.Error(absl::StrCat(Shown(*out), " is not a port"));
  }
}

void DecodeServiceAccount(const Cursor& at, std::string* out) {
  DecodeText(at, out);
  const std::vector<std::string> parts = absl::StrSplit(*out, '/');
  const bool valid = parts.size() <= 2 && out->size() <= kMaxServiceAccount &&
                     !absl::StrContains(*out, "*") &&
                     std::none_of(parts.begin(), parts.end(),
                                  [](const std::string& part) { return part.empty(); });
  if (!valid) at.Error(absl::StrCat(Shown(*out), " is neither \"name\" nor \"namespace/name\""));
}

void DecodeTrustDomain(const Cursor& at, std::string* out) {
  DecodeText(at, out);
  const size_t star = out->find('*');
  const bool one = star == out->rfind('*');
  const bool outer = star == std::string::npos || star == 0 || star + 1 == out->size();
  if (!one || !outer || absl::StrContains(*out, "/")) {
    at.Error(absl::StrCat(Shown(*out), " is not a trust domain, with one \"*\" at an end at most"));
  }
}

// What Envoy's URI templates take beside "*".
bool IsPathSegment(const std::string& text) {
  constexpr std::string_view kOthers = "-._~%!$&'()+,;:@=";
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || kOthers.find(c) != kOthers.npos;
  });
}

// "{*}" stands for one segment of a path, "{**}" for the rest.
void DecodePathGlob(const Cursor& at, std::string* out) {
  DecodeText(at, out);
  const bool has_template = absl::StrContains(*out, "{*}") || absl::StrContains(*out, "{**}");
  bool ended = false;
  for (const std::string& segment : std::vector<std::string>(absl::StrSplit(*out, '/'))) {
    const bool is_template = segment == "{*}" || segment == "{**}";
    if (ended && is_template) return at.Error("\"{**}\" is the last template of a path");
    if (segment == "{**}") ended = true;
    if (!is_template && segment.find_first_of("{}") != std::string::npos) {
      return at.Error("braces are those of the segments \"{*}\" and \"{**}\" only");
    }
    if (has_template && !is_template && !IsPathSegment(segment)) {
      return at.Error("beside \"{*}\" and \"{**}\" a path has letters that a URL has");
    }
  }
}

auto ValuesOf(DecodeValue decode) { return ListOf(decode); }

// Reads `name` and its negation.
void ReadLists(Fields& fields, std::string_view name, std::string_view not_name, ValueLists* out,
               DecodeValue decode = DecodeText) {
  fields.Read(name, &out->values, ValuesOf(decode));
  fields.Read(not_name, &out->not_values, ValuesOf(decode));
}

void DecodeSource(const Cursor& at, AuthorizationSource* out) {
  {
    Fields fields(at);
    ReadLists(fields, "principals", "notPrincipals", &out->principals);
    ReadLists(fields, "requestPrincipals", "notRequestPrincipals", &out->request_principals);
    ReadLists(fields, "namespaces", "notNamespaces", &out->namespaces);
    ReadLists(fields, "serviceAccounts", "notServiceAccounts", &out->service_accounts,
              DecodeServiceAccount);
    ReadLists(fields, "trustDomains", "notTrustDomains", &out->trust_domains, DecodeTrustDomain);
    ReadLists(fields, "ipBlocks", "notIpBlocks", &out->ip_blocks, DecodeIpSubnet);
    ReadLists(fields, "remoteIpBlocks", "notRemoteIpBlocks", &out->remote_ip_blocks,
              DecodeIpSubnet);
  }
  if (*out == AuthorizationSource{}) at.Error("says nothing: a source has at least one field");
  const ValueLists& accounts = out->service_accounts;
  if (!accounts.empty() && !(out->principals.empty() && out->namespaces.empty())) {
    at.Error("serviceAccounts stand without principals and namespaces");
  }
  if (std::max(accounts.values.size(), accounts.not_values.size()) > kMaxServiceAccounts) {
    at.Error("has more than 16 serviceAccounts");
  }
}

void DecodeOperation(const Cursor& at, AuthorizationOperation* out) {
  {
    Fields fields(at);
    ReadLists(fields, "hosts", "notHosts", &out->hosts);
    ReadLists(fields, "ports", "notPorts", &out->ports, DecodePortText);
    ReadLists(fields, "methods", "notMethods", &out->methods);
    ReadLists(fields, "paths", "notPaths", &out->paths, DecodePathGlob);
  }
  if (*out == AuthorizationOperation{}) {
    at.Error("says nothing: an operation has at least one field");
  }
}

// "request.headers[x-role]"
bool IsKeyWithName(const std::string& key, std::string_view before) {
  return absl::StartsWith(key, absl::StrCat(std::string(before), "[")) && key.back() == ']' &&
         key.size() > before.size() + 2;
}

// How the values of a condition are read; null: there is no such condition.
DecodeValue DecoderOf(const std::string& key) {
  for (const char* address : {"source.ip", "remote.ip", "destination.ip"}) {
    if (key == address) return DecodeIpSubnet;
  }
  if (key == "destination.port") return DecodePortText;
  if (key == "source.serviceAccount") return DecodeServiceAccount;
  if (key == "source.trustDomain") return DecodeTrustDomain;
  for (const char* text :
       {"source.namespace", "source.principal", "connection.sni", "request.auth.principal",
        "request.auth.audiences", "request.auth.presenter"}) {
    if (key == text) return DecodeText;
  }
  const bool named = IsKeyWithName(key, "request.headers") ||
                     IsKeyWithName(key, "request.auth.claims") ||
                     (absl::StartsWith(key, "experimental.envoy.filters.") &&
                      IsKeyWithName(key, key.substr(0, key.find('['))));
  return named ? DecodeText : nullptr;
}

void DecodeCondition(const Cursor& at, AuthorizationCondition* out) {
  Fields fields(at);
  DecodeValue decode = nullptr;
  fields.Require("key", &out->key, [&](const Cursor& key, std::string* text) {
    Decode(key, text);
    decode = DecoderOf(*text);
    if (decode == nullptr) key.Error(absl::StrCat(Shown(*text), " is no attribute of a request"));
  });
  ReadLists(fields, "values", "notValues", &out->values, decode == nullptr ? DecodeText : decode);
  if (out->values.empty()) at.Error("has neither values nor notValues");
}

// The items of a list whose only field is `name`.
template <typename T>
void DecodeWrapped(const Cursor& at, std::string_view name, std::vector<T>* out,
                   void (*decode)(const Cursor&, T*)) {
  DecodeList(at, out,
             [&](const Cursor& item, T* value) { Fields(item).Require(name, value, decode); });
  if (out->empty()) at.Error("must not be empty: leave it out instead");
}

// Remembers the first field that nothing enforces.
void NoteUnenforced(const std::string& field, const Position& position, AuthorizationPolicy* out) {
  if (!out->unenforced_field.empty()) return;
  out->unenforced_field = field;
  out->unenforced_position = position;
}

void DecodeRule(const Cursor& at, AuthorizationRule* out) {
  out->position = at.position();
  Fields fields(at);
  fields.Read("from", &out->from, [](const Cursor& list, auto* from) {
    DecodeWrapped(list, "source", from, DecodeSource);
  });
  fields.Read("to", &out->to, [](const Cursor& list, auto* to) {
    DecodeWrapped(list, "operation", to, DecodeOperation);
  });
  fields.Read("when", &out->when, ListOf(DecodeCondition));
}

void FindUnenforced(const AuthorizationRule& rule, size_t index, AuthorizationPolicy* out) {
  const std::string path = absl::StrCat("spec.rules[", index, "]");
  for (size_t i = 0; i < rule.from.size(); ++i) {
    if (rule.from[i].request_principals.empty()) continue;
    NoteUnenforced(absl::StrCat(path, ".from[", i, "].source.requestPrincipals"), rule.position,
                   out);
  }
  for (size_t i = 0; i < rule.when.size(); ++i) {
    if (!IsUnenforcedKey(rule.when[i].key)) continue;
    NoteUnenforced(absl::StrCat(path, ".when[", i, "].key"), rule.position, out);
  }
}

void DecodeTargets(const Cursor& at, AuthorizationPolicy* out) {
  if (!at.Expect(YamlValue::Kind::kSequence)) return;
  out->has_targets = out->has_targets || !at.value().items.empty();
  if (out->has_targets) {
    at.Warn("is for gateways and waypoints: the policy applies to no workload here");
  }
}

void DecodeAction(const Cursor& at, Action* out) {
  DecodeEnum<Action>(at,
                     {{"ALLOW", Action::kAllow},
                      {"DENY", Action::kDeny},
                      {"AUDIT", Action::kAudit},
                      {"CUSTOM", Action::kCustom}},
                     out);
}

void CheckAction(const Fields& fields, const AuthorizationPolicy& policy) {
  if (policy.action == Action::kCustom) {
    if (policy.provider.empty()) fields.Missing("provider");
    fields.Warn("action", "CUSTOM is not supported: what the rules match is refused");
  } else if (!policy.provider.empty()) {
    fields.Error("provider", "is of the action CUSTOM only");
  }
  const bool needs_rules = policy.action == Action::kDeny || policy.action == Action::kCustom;
  if (needs_rules && policy.rules.empty()) fields.Missing("rules");
}

// A DENY rule of HTTP alone refuses everything on ports of TCP.
void CheckReach(const Cursor& at, const AuthorizationPolicy& policy) {
  if (policy.action != Action::kDeny) return;
  const auto names_port = [](const AuthorizationOperation& to) { return !to.ports.empty(); };
  for (const AuthorizationRule& rule : policy.rules) {
    if (rule.to.empty() || std::any_of(rule.to.begin(), rule.to.end(), names_port)) continue;
    return at.Note("a DENY rule without ports refuses everything on ports that are not HTTP");
  }
}

void DecodeSpec(const Cursor& at, AuthorizationPolicy* out) {
  {
    Fields fields(at);
    const bool selects = fields.Read("selector", &out->selector, DecodeMatchLabels);
    fields.Read("targetRefs", out, DecodeTargets);
    out->has_targets = fields.Has("targetRef") || out->has_targets;
    if (selects && out->has_targets) fields.Error("selector", "excludes targetRefs");
    fields.Read("action", &out->action, DecodeAction);
    fields.Read("provider", &out->provider, [](const Cursor& provider, std::string* name) {
      Fields(provider).Require("name", name, DecodeText);
    });
    fields.Read("rules", &out->rules, ListOf(DecodeRule));
    CheckAction(fields, *out);
  }
  for (size_t i = 0; i < out->rules.size(); ++i) FindUnenforced(out->rules[i], i, out);
  CheckReach(at, *out);
}

void ReadDryRun(const Fields& fields, AuthorizationPolicy* out) {
  const auto found = out->meta.annotations.find(kDryRun);
  if (found == out->meta.annotations.end()) return;
  if (!absl::SimpleAtob(found->second, &out->dry_run)) {
    fields.Error("metadata", absl::StrCat("annotation ", kDryRun, " is neither true nor false"));
  }
  if (out->action == Action::kAudit || out->action == Action::kCustom) {
    fields.Error("metadata", absl::StrCat("annotation ", kDryRun, " is for ALLOW and DENY only"));
  }
}

}  // namespace

bool IsUnenforcedKey(const std::string& key) {
  return absl::StartsWith(key, "request.auth.") || absl::StartsWith(key, "experimental.");
}

void DecodeAuthorizationPolicy(Fields& fields, AuthorizationPolicy* out) {
  fields.Read("spec", out, DecodeSpec);
  fields.Ignore({"status"});
  ReadDryRun(fields, out);
}

}  // namespace meshlib::manifest
