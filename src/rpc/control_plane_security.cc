// SPDX-License-Identifier: Apache-2.0
#include "rpc/control_plane_security.h"

#include "identity/token.h"

namespace meshlib::rpc {

absl::StatusOr<CallHeaders> ReadCallHeaders(const std::optional<ControlPlaneSecurity>& security,
                                            absl::Time now) {
  CallHeaders headers;
  if (!security.has_value()) return headers;
  if (!security->token_file.empty()) {
    auto token = identity::ReadTokenFile(security->token_file, now);
    if (!token.ok()) return token.status();
    headers.emplace_back("authorization", "Bearer " + *token);
  }
  if (!security->cluster_id.empty()) headers.emplace_back("clusterid", security->cluster_id);
  return headers;
}

}  // namespace meshlib::rpc
