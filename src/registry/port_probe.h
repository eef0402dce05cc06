// SPDX-License-Identifier: Apache-2.0
// PortProbe: does a port accept connections?

#ifndef MESHLIB_REGISTRY_PORT_PROBE_H_
#define MESHLIB_REGISTRY_PORT_PROBE_H_

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "base/subscription.h"
#include "resource/address.h"

namespace meshlib::registry {

// Control thread only.
class PortProbe {
 public:
  virtual ~PortProbe() = default;
  // `done` is called once, on the loop and never inside Probe(): OK when a connection was accepted
  // (it is closed again), the cause otherwise. Destroying the Subscription cancels.
  virtual base::Subscription Probe(const resource::Address& address,
                                   absl::AnyInvocable<void(absl::Status)> done) = 0;
};

}  // namespace meshlib::registry

#endif  // MESHLIB_REGISTRY_PORT_PROBE_H_
