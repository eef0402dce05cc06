// SPDX-License-Identifier: Apache-2.0
// SocketPortProbe: probes ports by connecting to them.

#ifndef MESHLIB_REGISTRY_SOCKET_PORT_PROBE_H_
#define MESHLIB_REGISTRY_SOCKET_PORT_PROBE_H_

#include "net/loop.h"
#include "registry/port_probe.h"

namespace meshlib::registry {

// A connection that is neither accepted nor refused within `patience` counts as not accepted.
// Control thread only.
class SocketPortProbe final : public PortProbe {
 public:
  // REQUIRES: `loop` outlives it and its Subscriptions.
  explicit SocketPortProbe(net::Loop& loop, absl::Duration patience = absl::Seconds(1))
      : loop_(loop), patience_(patience) {}

  base::Subscription Probe(const resource::Address& address,
                           absl::AnyInvocable<void(absl::Status)> done) override;

 private:
  net::Loop& loop_;
  const absl::Duration patience_;
};

}  // namespace meshlib::registry

#endif  // MESHLIB_REGISTRY_SOCKET_PORT_PROBE_H_
