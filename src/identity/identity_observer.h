// SPDX-License-Identifier: Apache-2.0
// IdentityObserver: what operators are told of a workload's identity.

#ifndef MESHLIB_IDENTITY_IDENTITY_OBSERVER_H_
#define MESHLIB_IDENTITY_IDENTITY_OBSERVER_H_

#include <cstdint>

#include "absl/status/status.h"
#include "identity/workload_identity.h"

namespace meshlib::identity {

enum class Urgency : uint8_t {
  kRetrying,  // there is time: it is tried again
  kUrgent,    // peers refuse this workload, or soon will
};

// Control thread only.
class IdentityObserver {
 public:
  virtual ~IdentityObserver() = default;
  // A new leaf is in use.
  virtual void OnIdentity(const WorkloadIdentity& identity) = 0;
  // Never with secrets. The same problem comes again after each try.
  virtual void OnProblem(Urgency urgency, const absl::Status& problem) = 0;
};

}  // namespace meshlib::identity

#endif  // MESHLIB_IDENTITY_IDENTITY_OBSERVER_H_
