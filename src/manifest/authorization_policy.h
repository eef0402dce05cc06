// SPDX-License-Identifier: Apache-2.0
// AuthorizationPolicy: security.istio.io AuthorizationPolicy.

#ifndef MESHLIB_MANIFEST_AUTHORIZATION_POLICY_H_
#define MESHLIB_MANIFEST_AUTHORIZATION_POLICY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifest/object_meta.h"

namespace meshlib::manifest {

// A field and the one that negates it: "paths" and "notPaths". Empty: not said. A value.
struct ValueLists {
  std::vector<std::string> values;
  std::vector<std::string> not_values;

  bool empty() const { return values.empty() && not_values.empty(); }
  friend bool operator==(const ValueLists&, const ValueLists&) = default;
};

// Rule.From.source. A value.
struct AuthorizationSource {
  ValueLists principals;
  ValueLists request_principals;
  ValueLists namespaces;
  ValueLists service_accounts;  // "name" or "namespace/name"
  ValueLists trust_domains;
  ValueLists ip_blocks;
  ValueLists remote_ip_blocks;

  friend bool operator==(const AuthorizationSource&, const AuthorizationSource&) = default;
};

// Rule.To.operation. A value.
struct AuthorizationOperation {
  ValueLists hosts;
  ValueLists ports;
  ValueLists methods;
  ValueLists paths;

  friend bool operator==(const AuthorizationOperation&, const AuthorizationOperation&) = default;
};

// A value.
struct AuthorizationCondition {
  std::string key;  // "source.ip", "request.headers[x-role]"
  ValueLists values;

  friend bool operator==(const AuthorizationCondition&, const AuthorizationCondition&) = default;
};

// Empty lists ask for nothing. A value.
struct AuthorizationRule {
  std::vector<AuthorizationSource> from;
  std::vector<AuthorizationOperation> to;
  std::vector<AuthorizationCondition> when;
  Position position;

  friend bool operator==(const AuthorizationRule&, const AuthorizationRule&) = default;
};

// A value.
struct AuthorizationPolicy {
  enum class Action : uint8_t { kAllow, kDeny, kAudit, kCustom };

  ObjectMeta meta;
  Labels selector;           // of the workloads; empty: all of the namespace
  bool has_targets = false;  // targetRefs: of gateways and waypoints, no workload's
  Action action = Action::kAllow;
  std::string provider;  // of Action::kCustom
  std::vector<AuthorizationRule> rules;
  bool dry_run = false;  // annotation istio.io/dry-run
  // What of it nothing can enforce yet: "spec.rules[0].when[0].key"; empty: nothing.
  std::string unenforced_field;
  Position unenforced_position;

  friend bool operator==(const AuthorizationPolicy&, const AuthorizationPolicy&) = default;
};

// Whether the key of a condition is one about tokens of end users ("request.auth.claims[iss]") or
// Envoy's metadata, which nothing here can answer yet.
bool IsUnenforcedKey(const std::string& key);

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_AUTHORIZATION_POLICY_H_
