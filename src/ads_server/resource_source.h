// SPDX-License-Identifier: Apache-2.0
// ResourceSource: where an ADS server gets the resources that it serves.

#ifndef MESHLIB_ADS_SERVER_RESOURCE_SOURCE_H_
#define MESHLIB_ADS_SERVER_RESOURCE_SOURCE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "base/subscription.h"

namespace meshlib::ads_server {

// The node of an ADS stream, decoded (facts of Istio: id is "type~ip~name.namespace~domain").
// A value.
struct Node {
  std::string id;
  std::string type = "sidecar";  // "sidecar", "router"
  std::vector<std::string> ips;  // INSTANCE_IPS, else the id's
  std::string name;              // pod name
  std::string name_space;        // metadata NAMESPACE, else the id's
  std::string service_account;
  std::string dns_domain;                     // "default.svc.cluster.local"
  std::map<std::string, std::string> labels;  // metadata LABELS
  std::string locality;                       // "region/zone/subzone", as far as it is given
  std::string generator;                      // metadata GENERATOR: "grpc" or empty
  bool meshlib = false;                       // user_agent_name is "meshlib"
  friend bool operator==(const Node&, const Node&) = default;
};

// A value. `body` is the serialized message, shared between streams.
struct ServedResource {
  std::string name;
  std::shared_ptr<const std::string> body;
  friend bool operator==(const ServedResource& a, const ServedResource& b) {
    return a.name == b.name && (a.body == b.body || *a.body == *b.body);
  }
};

// A value.
struct ServedResources {
  std::vector<ServedResource> resources;
  // Asked for by name and not to be answered yet: the response must wait for them (endpoints after
  // a restart).
  std::vector<std::string> withheld;
};

// Control thread only (of whoever serves).
class ResourceSource {
 public:
  virtual ~ResourceSource() = default;
  // The resources of that type for that node: the named ones that exist, or all when `wildcard`.
  virtual ServedResources Resources(const Node& node, std::string_view type_url,
                                    const std::vector<std::string>& names, bool wildcard) = 0;
  // `changed` is called after any answer may have become different.
  virtual base::Subscription Watch(absl::AnyInvocable<void()> changed) = 0;
};

}  // namespace meshlib::ads_server

#endif  // MESHLIB_ADS_SERVER_RESOURCE_SOURCE_H_
