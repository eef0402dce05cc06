// SPDX-License-Identifier: Apache-2.0
// NodeIdentity: who an ADS client says it is.

#ifndef MESHLIB_XDS_NODE_IDENTITY_H_
#define MESHLIB_XDS_NODE_IDENTITY_H_

#include <map>
#include <string>
#include <vector>

namespace meshlib::xds {

// The node of an ADS stream in Istio's conventions: the id is "type~ip~name.namespace~dns_domain",
// the rest is metadata. A value.
struct NodeIdentity {
  std::string type = "sidecar";  // "sidecar", "router"
  std::string name;              // of the pod
  std::string name_space = "default";
  std::string cluster_domain = "cluster.local";
  std::vector<std::string> ips;  // the first is the one of the id; default 127.0.0.1
  std::string service_account = "default";
  std::string cluster_id = "Kubernetes";
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> metadata;  // further string metadata, wins

  std::string Id() const;  // "sidecar~10.1.2.3~reviews-v1.default~default.svc.cluster.local"
  friend bool operator==(const NodeIdentity&, const NodeIdentity&) = default;
};

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_NODE_IDENTITY_H_
