// RbacRules: envoy.extensions.filters.http.rbac.v3.RBAC, as a value. Nothing here decides.

#ifndef MESHLIB_RESOURCE_RBAC_H_
#define MESHLIB_RESOURCE_RBAC_H_

#include <cstdint>
#include <string>
#include <vector>

namespace meshlib::resource {

// One RBAC filter in filter order. The rules stay serialized until authorization enforces them:
// equality and reports need no more. A value.
struct RbacRules {
  enum class Action : uint8_t { kAllow, kDeny, kLog };
  Action action = Action::kAllow;
  std::vector<std::string> policy_names;
  std::string serialized;
  friend bool operator==(const RbacRules&, const RbacRules&) = default;
};

}  // namespace meshlib::resource

#endif  // MESHLIB_RESOURCE_RBAC_H_
