// SPDX-License-Identifier: Apache-2.0
// DecodeEndpointSet: envoy.config.endpoint.v3.ClusterLoadAssignment.

#ifndef MESHLIB_XDS_DECODE_ENDPOINT_SET_H_
#define MESHLIB_XDS_DECODE_ENDPOINT_SET_H_

#include <cstddef>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "meshlib/envoy/config/endpoint/v3/endpoint.pb.h"
#include "resource/endpoint_set.h"
#include "resource/report.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

inline constexpr size_t kMaxEndpoints = 500'000;

// As DecodeRouteConfig(). Refused are also gaps between priorities (gRPC proposal A27) and more
// than kMaxEndpoints endpoints; of several endpoints with one address the first counts.
absl::StatusOr<std::shared_ptr<const resource::EndpointSet>> DecodeEndpointSet(
    std::string_view bytes, resource::Report& report);

// The same inside a Cluster (load_assignment): problems go to `context`.
resource::EndpointSet DecodeEndpointSetMessage(
    const envoy::config::endpoint::v3::ClusterLoadAssignment& in, DecodeContext& context);

resource::Health DecodeHealth(envoy::config::core::v3::HealthStatus in);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_ENDPOINT_SET_H_
