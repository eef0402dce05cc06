// SPDX-License-Identifier: Apache-2.0
// PolicyIndex: which security policies hold for a workload.

#ifndef MESHLIB_TRANSLATE_POLICY_INDEX_H_
#define MESHLIB_TRANSLATE_POLICY_INDEX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "manifest/manifest.h"

namespace meshlib::translate {

enum class MtlsMode : uint8_t { kDisable, kPermissive, kStrict };

// The AuthorizationPolicies of a workload, by action. Points into the Manifest. A value.
struct AppliedPolicies {
  std::vector<const manifest::AuthorizationPolicy*> custom, audit, deny, allow;
  friend bool operator==(const AppliedPolicies&, const AppliedPolicies&) = default;
};

// Immutable; share freely.
class PolicyIndex final {
 public:
  // `manifest` must outlive it.
  explicit PolicyIndex(const manifest::Manifest& manifest) : manifest_(manifest) {}
  PolicyIndex(const PolicyIndex&) = delete;
  PolicyIndex& operator=(const PolicyIndex&) = delete;

  AppliedPolicies Authorization(const std::string& name_space,
                                const manifest::Labels& labels) const;

  // Of a port of the workload: what the port, the workload, the namespace or the mesh says, in this
  // order, or else PERMISSIVE. Of several policies of one level the oldest counts.
  MtlsMode Mtls(const std::string& name_space, const manifest::Labels& labels, uint32_t port) const;

 private:
  const manifest::Manifest& manifest_;
};

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_POLICY_INDEX_H_
