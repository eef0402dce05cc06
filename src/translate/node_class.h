// SPDX-License-Identifier: Apache-2.0
// NodeClass: what of a node decides its configuration.

#ifndef MESHLIB_TRANSLATE_NODE_CLASS_H_
#define MESHLIB_TRANSLATE_NODE_CLASS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "ads_server/resource_source.h"

namespace meshlib::translate {

// Whose bodies a node gets.
enum class Shape : uint8_t {
  kSidecar,  // asks by name, and gets what istiod gives sidecars
  kGrpc,     // GENERATOR=grpc: what istiod gives gRPC clients and servers
  kRouter,   // the ingress side of Gateways
};

// Nodes of one class share their resources, so that a hundred clients cost little more than one.
// A value.
struct NodeClass {
  Shape shape = Shape::kSidecar;
  std::string name_space;
  std::string dns_domain;                     // "default.svc.cluster.local"
  std::map<std::string, std::string> labels;  // those that some object asks for
  std::string locality;  // "region/zone/subzone"; empty also where no object asks for it

  friend auto operator<=>(const NodeClass&, const NodeClass&) = default;
};

// What of clients some object of the manifest asks for. A value.
struct AskedOfClients {
  std::set<std::string> label_keys;
  bool locality = false;
};

NodeClass ClassOf(const ads_server::Node& node, const AskedOfClients& asked);

// "region/zone/subzone" of Istio's label "istio-locality": "region.zone.subzone".
std::string LocalityOf(const std::map<std::string, std::string>& labels);

// The node's namespace, "default" where it says none.
std::string NamespaceOf(const ads_server::Node& node);

// Whether each of `wanted` is among `labels`.
bool LabelsMatch(const std::map<std::string, std::string>& wanted,
                 const std::map<std::string, std::string>& labels);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_NODE_CLASS_H_
