// SPDX-License-Identifier: Apache-2.0
// A RouteTable answers one question: given a request head, which route applies?
//
// It is compiled from a RouteConfig when a snapshot is built, so that matching neither allocates
// nor can fail for configuration reasons. Virtual hosts are chosen by most specific domain; routes
// within one by first match, in xDS order.

#ifndef MESHLIB_ROUTE_ROUTE_TABLE_H_
#define MESHLIB_ROUTE_ROUTE_TABLE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "resource/route_config.h"
#include "route/request_head.h"

namespace meshlib::route {

// Where a cluster name stands in RouteTable::clusters().
using ClusterIndex = uint32_t;
inline constexpr ClusterIndex kNoCluster = static_cast<ClusterIndex>(-1);

// A Route with what its levels add up to, ready to be executed.
struct CompiledRoute {
  const resource::Route* route = nullptr;
  const resource::VirtualHost* virtual_host = nullptr;
  const resource::RetryPolicy* retry_policy = nullptr;  // the route's, else the VirtualHost's
  // One per WeightedCluster, or one alone; empty unless it forwards to named clusters.
  std::vector<ClusterIndex> clusters;
};

struct RouteMatchResult {
  const resource::VirtualHost* virtual_host = nullptr;  // null: no domain takes the authority
  const CompiledRoute* route = nullptr;                 // null: no route matches
};

// Immutable; share freely.
class RouteTable final {
 public:
  static std::shared_ptr<const RouteTable> Compile(std::shared_ptr<const resource::RouteConfig>);
  ~RouteTable();

  // The first matching route. `random` decides runtime_fraction and is used for nothing else.
  // The results point into this table. No allocation.
  RouteMatchResult Match(const RequestHead& head, uint64_t random) const;

  // Every cluster that a route names, each once; ClusterIndex counts into it.
  const std::vector<resource::ClusterName>& clusters() const;
  // Whether requests may name clusters themselves (cluster_header).
  bool has_cluster_header() const;
  const resource::RouteConfig& config() const;

 private:
  struct Index;
  explicit RouteTable(std::unique_ptr<const Index> index);
  std::unique_ptr<const Index> index_;
};

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_ROUTE_TABLE_H_
