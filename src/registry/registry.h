// SPDX-License-Identifier: Apache-2.0
// Registry: which workloads are connected and ready.

#ifndef MESHLIB_REGISTRY_REGISTRY_H_
#define MESHLIB_REGISTRY_REGISTRY_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "base/subscription.h"
#include "base/timer.h"
#include "registry/port_probe.h"
#include "registry/workload.h"

namespace meshlib::registry {

// A value.
struct RegistryOptions {
  // After a start, what is known of a Service is not to be told before one of its workloads has
  // registered and registrations have been quiet for `quiet`, or `at_most` has passed: the
  // workloads of before the start are still reconnecting. Zero `at_most`: no withholding.
  absl::Duration quiet = absl::Milliseconds(500);
  absl::Duration at_most = absl::Seconds(5);
  absl::Duration probe_interval = absl::Milliseconds(50);  // grows to 1 s
  // A ready port is looked at again this often: a workload may close it and keep its registration.
  absl::Duration check_interval = absl::Seconds(3);
};

// A workload's port that has its inbound configuration. A value.
struct Registration {
  Workload workload;  // without ports
  uint16_t port = 0;
};

// A registered port becomes a port of its Workload as soon as it accepts a connection, and stops
// being one when its registration ends, or when it has not accepted twice running. Control thread
// only.
class Registry final {
 public:
  // REQUIRES: `loop` and `probe` outlive it.
  Registry(base::EventLoop& loop, PortProbe& probe, const RegistryOptions& options = {});
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Until the Subscription is destroyed, which may be after this Registry.
  base::Subscription Register(Registration registration);

  // The ready workloads, ordered by namespace, name and address.
  const std::vector<Workload>& workloads() const { return workloads_; }

  // Whether endpoints of a Service with a selector may be told now. `has_workload`: one of
  // workloads() is selected by it. Turns from false to true without a change of workloads() only
  // together with a call of the watchers.
  bool MayTell(bool has_workload) const;

  // `changed` is called, in a turn of its own, after workloads() or the answer of MayTell()
  // changed.
  base::Subscription Watch(absl::AnyInvocable<void()> changed);

 private:
  struct Entry;
  struct State;

  void Disturb();
  void Probe(Entry& entry);
  void OnProbed(Entry& entry, const absl::Status& status);
  void Erase(Entry* entry);
  void Rebuild();
  void NotifyWatchers();

  base::EventLoop& loop_;
  PortProbe& probe_;
  const RegistryOptions options_;
  const absl::Time settled_at_;

  std::vector<std::unique_ptr<Entry>> entries_;  // in order of registration
  std::vector<Workload> workloads_;
  absl::Time quiet_at_ = absl::InfinitePast();
  base::Timer settle_timer_;
  std::shared_ptr<State> state_;  // shared with what may outlive this object
};

}  // namespace meshlib::registry

#endif  // MESHLIB_REGISTRY_REGISTRY_H_
