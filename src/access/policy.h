// SPDX-License-Identifier: Apache-2.0
// Policy: who may call, compiled from the RBAC filters of a Listener.

#ifndef MESHLIB_ACCESS_POLICY_H_
#define MESHLIB_ACCESS_POLICY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "access/request.h"
#include "resource/rbac.h"

namespace meshlib::access {

// What Envoy answers a refused Call with, beside the status 403.
inline constexpr std::string_view kRefusedBody = "RBAC: access denied";

// The name of a policy without what could forge a log's lines, not too long; "none" for none.
std::string NameForLogs(std::string_view policy);

// What is said of a Call. The names point into the Policy. A value.
struct Verdict {
  bool allowed = true;
  // The policy that decided: the one of a DENY filter that matched, or of the last ALLOW filter
  // that did; empty where none did.
  std::string_view policy;
  // What shadow rules would have said: counted, never enforced.
  enum class Shadow : uint8_t { kNone, kAllowed, kDenied };
  Shadow shadow = Shadow::kNone;
  std::string_view shadow_policy;
  std::string_view audit_policy;  // of a LOG filter that matched

  // Envoy's response code details of a refusal: "rbac_access_denied_matched_policy[NAME]", with
  // "none" where no policy matched.
  std::string Details() const;
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

// The filters are asked in their order, and the first that refuses decides. Policies are found by
// what they need of a Call: the peer's names, path, method, headers, addresses, port, SNI. So the
// cost grows with those that could match, not with all.
//
// Immutable; share freely.
class Policy final {
 public:
  // Null when there is no filter: every Call is allowed.
  static std::shared_ptr<const Policy> Compile(const std::vector<resource::RbacFilter>& filters);
  ~Policy();

  // No allocation.
  Verdict Check(const Request& request) const;

 private:
  struct Parts;
  explicit Policy(std::unique_ptr<const Parts> parts);
  const std::unique_ptr<const Parts> parts_;
};

}  // namespace meshlib::access

#endif  // MESHLIB_ACCESS_POLICY_H_
