// SPDX-License-Identifier: Apache-2.0
// ClusterKey: Istio's names of clusters and by-name routes, "outbound|9080|v1|reviews.default...".

#ifndef MESHLIB_TRANSLATE_CLUSTER_NAME_H_
#define MESHLIB_TRANSLATE_CLUSTER_NAME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meshlib::translate {

// A value.
struct ClusterKey {
  uint32_t port = 0;
  std::string subset;  // empty: all endpoints
  std::string host;

  std::string ToString() const;  // "outbound|9080|v1|reviews.default.svc.cluster.local"
  std::string Sni() const;       // "outbound_.9080_.v1_.reviews.default.svc.cluster.local"
  friend bool operator==(const ClusterKey&, const ClusterKey&) = default;
};

// Nothing for other names, "PassthroughCluster" among them.
std::optional<ClusterKey> ParseClusterKey(std::string_view name);

// A host and a port. A value.
struct HostPort {
  std::string host;
  uint32_t port = 0;
};
// Of "reviews:9080", "[::1]:9080".
std::optional<HostPort> ParseHostPort(std::string_view text);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_CLUSTER_NAME_H_
