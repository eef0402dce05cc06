// SPDX-License-Identifier: Apache-2.0
// IdentitySource: where the WorkloadIdentity comes from.

#ifndef MESHLIB_IDENTITY_IDENTITY_SOURCE_H_
#define MESHLIB_IDENTITY_IDENTITY_SOURCE_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/subscription.h"
#include "identity/workload_identity.h"

namespace meshlib::identity {

// How its renewal goes. A value.
struct RenewalRecord {
  uint64_t succeeded = 0;  // certificates that came into use
  uint64_t failed = 0;     // tries
  // By the time of day: the first failure after the last success.
  std::optional<absl::Time> failing_since{};

  void Succeed() {
    ++succeeded;
    failing_since.reset();
  }
  void Fail(absl::Time now) {
    ++failed;
    if (!failing_since) failing_since = now;
  }
};

// Control thread only.
class IdentitySource {
 public:
  virtual ~IdentitySource() = default;

  // The newest good one, also when it has expired since (peers refuse it then, and status() says
  // so). Null while there has been none.
  virtual std::shared_ptr<const WorkloadIdentity> Current() const = 0;

  // `changed` is called after each change of Current(), and while there is none also after one of
  // status(), from a task of the loop. Any number of watchers. The Subscription may outlive the
  // source.
  virtual base::Subscription Watch(absl::AnyInvocable<void()> changed) = 0;

  // OK: Current() is good and its renewal is not overdue. Otherwise what is wrong, for people:
  // "identity: /etc/certs/key.pem: is not the key of cert-chain.pem; ...".
  virtual absl::Status status() const = 0;

  virtual const RenewalRecord& record() const = 0;
};

}  // namespace meshlib::identity

#endif  // MESHLIB_IDENTITY_IDENTITY_SOURCE_H_
