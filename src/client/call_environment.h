// SPDX-License-Identifier: Apache-2.0
// CallEnvironment: what all Calls of a Client share.

#ifndef MESHLIB_CLIENT_CALL_ENVIRONMENT_H_
#define MESHLIB_CLIENT_CALL_ENVIRONMENT_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>

#include "base/clock.h"
#include "base/observer.h"
#include "base/published.h"
#include "client/client_options.h"
#include "client/configuration_demand.h"
#include "client/destination.h"
#include "connection/connection_broker.h"
#include "snapshot/mesh_snapshot.h"

namespace meshlib::client {

// Everything but the counters is constant after construction. Thread-safe.
struct CallEnvironment {
  CallEnvironment(ClientOptions client_options, base::Published<snapshot::MeshSnapshot>& published,
                  ConfigurationDemand& configuration_demand, base::Clock& the_clock,
                  base::Observer* call_observer, std::function<void()> poll_idle_loops)
      : options(std::move(client_options)),
        names{options.pod_namespace, options.cluster_domain},
        snapshots(published),
        demand(configuration_demand),
        clock(the_clock),
        observer(call_observer),
        broker(std::move(poll_idle_loops)) {}

  const ClientOptions options;
  const NameRules names;
  base::Published<snapshot::MeshSnapshot>& snapshots;
  ConfigurationDemand& demand;
  base::Clock& clock;
  base::Observer* const observer;  // null: nobody is told
  connection::ConnectionBroker broker;
  std::atomic<uint32_t> active_faults{0};
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_CALL_ENVIRONMENT_H_
