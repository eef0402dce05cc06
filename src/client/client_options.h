// SPDX-License-Identifier: Apache-2.0
// ClientOptions: what outgoing Calls need to know about the workload and its wishes.

#ifndef MESHLIB_CLIENT_CLIENT_OPTIONS_H_
#define MESHLIB_CLIENT_CLIENT_OPTIONS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "meshlib/mesh_options.h"

namespace meshlib::client {

// As the fields of MeshOptions of the same names. A value.
struct ClientOptions {
  std::string pod_namespace = "default";
  std::string cluster_domain = "cluster.local";
  absl::Duration default_deadline = absl::Seconds(15);
  size_t max_buffered_body = 64 * 1024 * 1024;
  std::vector<std::string> propagate_headers;
  OutboundTrafficPolicy outbound_traffic_policy = OutboundTrafficPolicy::kAllowAny;
  absl::Duration unknown_host_wait = absl::Seconds(1);
  int max_blocking_loops = 64;
  absl::Duration max_tls_connection_age = absl::InfiniteDuration();
  // Idle pooled connections are closed after this, or the Cluster's idle_timeout where shorter.
  // Shorter than the five minutes of our servers, so that theirs is not the end that closes.
  absl::Duration connection_idle_timeout = absl::Minutes(4);
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_CLIENT_OPTIONS_H_
