// SPDX-License-Identifier: Apache-2.0
// ControlPlaneSecurity: how a control plane and this workload know each other.

#ifndef MESHLIB_RPC_CONTROL_PLANE_SECURITY_H_
#define MESHLIB_RPC_CONTROL_PLANE_SECURITY_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace meshlib::rpc {

// TLS with the server's certificate checked, and a token of ours. The files are read again for
// every connection, because both are replaced while programs run. A value.
struct ControlPlaneSecurity {
  std::string root_file;    // PEM: who may have signed the server's certificate
  std::string server_name;  // what the certificate must be for; empty: the host of the address
  std::string token_file;   // empty: no token is sent
  std::string cluster_id;   // empty: none is sent
  friend bool operator==(const ControlPlaneSecurity&, const ControlPlaneSecurity&) = default;
};

// Header names and values.
using CallHeaders = std::vector<std::pair<std::string, std::string>>;

// "authorization" and "clusterid" as they are now; none without `security`. The cause names the
// token's file.
absl::StatusOr<CallHeaders> ReadCallHeaders(const std::optional<ControlPlaneSecurity>& security,
                                            absl::Time now);

}  // namespace meshlib::rpc

#endif  // MESHLIB_RPC_CONTROL_PLANE_SECURITY_H_
