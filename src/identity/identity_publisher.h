// SPDX-License-Identifier: Apache-2.0
// IdentityPublisher: the newest WorkloadIdentity and those who watch it.

#ifndef MESHLIB_IDENTITY_IDENTITY_PUBLISHER_H_
#define MESHLIB_IDENTITY_IDENTITY_PUBLISHER_H_

#include <cstdint>
#include <map>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "base/event_loop.h"
#include "base/subscription.h"
#include "identity/workload_identity.h"

namespace meshlib::identity {

// Control thread only.
class IdentityPublisher final {
 public:
  // REQUIRES: `loop` outlives it.
  explicit IdentityPublisher(base::EventLoop& loop);
  ~IdentityPublisher();
  IdentityPublisher(const IdentityPublisher&) = delete;
  IdentityPublisher& operator=(const IdentityPublisher&) = delete;

  const std::shared_ptr<const WorkloadIdentity>& current() const { return current_; }

  // Tells all watchers in a task of the loop; several changes may be told as one.
  void Publish(std::shared_ptr<const WorkloadIdentity> identity);
  // The same without a new one.
  void TellWatchers();
  base::Subscription Watch(absl::AnyInvocable<void()> changed);

 private:
  struct Watchers {
    uint64_t next = 0;
    bool telling = false;
    std::map<uint64_t, std::shared_ptr<absl::AnyInvocable<void()>>> by_id;
  };
  static void Tell(Watchers& watchers);

  base::EventLoop& loop_;
  std::shared_ptr<const WorkloadIdentity> current_;
  const std::shared_ptr<Watchers> watchers_;
};

}  // namespace meshlib::identity

#endif  // MESHLIB_IDENTITY_IDENTITY_PUBLISHER_H_
