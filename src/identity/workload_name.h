// SPDX-License-Identifier: Apache-2.0
// WorkloadName: a service account of a mesh, and its SPIFFE ID.

#ifndef MESHLIB_IDENTITY_WORKLOAD_NAME_H_
#define MESHLIB_IDENTITY_WORKLOAD_NAME_H_

#include <string>

#include "absl/status/status.h"

namespace meshlib::identity {

// A value.
struct WorkloadName {
  std::string trust_domain = "cluster.local";
  std::string name_space = "default";
  std::string service_account = "default";

  // "spiffe://cluster.local/ns/default/sa/reviews"
  std::string SpiffeId() const;
  friend bool operator==(const WorkloadName&, const WorkloadName&) = default;
};

// INVALID_ARGUMENT: a part is empty or has characters that a SPIFFE ID must not have.
absl::Status CheckWorkloadName(const WorkloadName& name);

}  // namespace meshlib::identity

#endif  // MESHLIB_IDENTITY_WORKLOAD_NAME_H_
