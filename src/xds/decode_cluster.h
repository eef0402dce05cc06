// SPDX-License-Identifier: Apache-2.0
// DecodeCluster: envoy.config.cluster.v3.Cluster.

#ifndef MESHLIB_XDS_DECODE_CLUSTER_H_
#define MESHLIB_XDS_DECODE_CLUSTER_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "resource/cluster.h"
#include "resource/report.h"

namespace meshlib::xds {

// As DecodeRouteConfig(). A Cluster that asks for TLS towards all its endpoints is unusable; one
// that asks for it towards some (tlsMode istio) is not: the endpoint decides.
absl::StatusOr<std::shared_ptr<const resource::Cluster>> DecodeCluster(std::string_view bytes,
                                                                       resource::Report& report);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_CLUSTER_H_
