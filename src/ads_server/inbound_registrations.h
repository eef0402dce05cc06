// SPDX-License-Identifier: Apache-2.0
// InboundRegistrations: what a stream's workload has registered.

#ifndef MESHLIB_ADS_SERVER_INBOUND_REGISTRATIONS_H_
#define MESHLIB_ADS_SERVER_INBOUND_REGISTRATIONS_H_

#include <map>
#include <string>
#include <vector>

#include "ads_server/resource_source.h"
#include "base/subscription.h"
#include "registry/registry.h"

namespace meshlib::ads_server {

// Ends the registrations when destroyed. Control thread only.
class InboundRegistrations final {
 public:
  // `registry` may be nullptr.
  explicit InboundRegistrations(registry::Registry* registry) : registry_(registry) {}

  // The Listeners that the workload uses from now on; names that are not of inbound Listeners do
  // not matter. A Listener of 0.0.0.0 or :: registers with the node's own address.
  void Update(const Node& node, const std::vector<std::string>& listener_names);

 private:
  registry::Registry* const registry_;
  std::map<std::string, base::Subscription> registered_;
};

}  // namespace meshlib::ads_server

#endif  // MESHLIB_ADS_SERVER_INBOUND_REGISTRATIONS_H_
