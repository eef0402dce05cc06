// SPDX-License-Identifier: Apache-2.0
// NodeView: the resources of one class of nodes.

#ifndef MESHLIB_TRANSLATE_NODE_VIEW_H_
#define MESHLIB_TRANSLATE_NODE_VIEW_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "translate/cluster_name.h"
#include "translate/gateway_routes.h"
#include "translate/mesh_model.h"
#include "translate/node_class.h"
#include "translate/xds.h"

namespace meshlib::translate {

// What a cluster's name stands for. Points into the MeshModel. A value.
struct NamedCluster {
  const MeshService* service = nullptr;
  const MeshPort* port = nullptr;
  const manifest::DestinationRule* rule = nullptr;
  const manifest::Subset* subset = nullptr;
};

// Resources by name; nothing for names that do not exist. What is costly and shared (the virtual
// hosts of a port) is made once. Thread-compatible.
class NodeView final {
 public:
  NodeView(std::shared_ptr<const MeshModel> model, NodeClass node_class);
  NodeView(const NodeView&) = delete;
  NodeView& operator=(const NodeView&) = delete;

  // Of clients and routers; inbound Listeners depend on more of the node, see server_listeners.h.
  std::optional<xds_listener::Listener> Listener(const std::string& name);
  std::optional<xds_route::RouteConfiguration> RouteConfig(const std::string& name);
  std::optional<xds_cluster::Cluster> Cluster(const std::string& name) const;
  std::optional<xds_endpoint::ClusterLoadAssignment> Endpoints(const std::string& cluster,
                                                               const EndpointIndex& index) const;

  // For wildcard subscriptions, in order.
  std::vector<std::string> ListenerNames() const;
  std::vector<std::string> ClusterNames() const;

  // Nothing for names of no service.
  std::optional<NamedCluster> FindCluster(const std::string& name) const;

  const NodeClass& node_class() const { return class_; }

 private:
  const std::vector<xds_route::VirtualHost>& VirtualHosts(uint32_t port);
  const MeshService* FindCalled(const std::string& host) const;
  std::optional<xds_listener::Listener> SidecarListener(const std::string& name,
                                                        const HostPort& called);
  std::optional<xds_listener::Listener> GrpcListener(const std::string& name,
                                                     const HostPort& called) const;
  std::optional<xds_route::RouteConfiguration> RouterRouteConfig(const std::string& name) const;

  const std::shared_ptr<const MeshModel> model_;
  const NodeClass class_;
  const std::vector<const BoundVirtualService*> virtual_services_;  // of clients in the mesh
  const VisibleServices services_;
  const RouterServers servers_;  // of routers
  std::map<uint32_t, std::vector<xds_route::VirtualHost>> virtual_hosts_;
};

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_NODE_VIEW_H_
