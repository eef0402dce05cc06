// SPDX-License-Identifier: Apache-2.0
// DecodeRouteConfig: envoy.config.route.v3.RouteConfiguration.

#ifndef MESHLIB_XDS_DECODE_ROUTE_CONFIG_H_
#define MESHLIB_XDS_DECODE_ROUTE_CONFIG_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "meshlib/envoy/config/route/v3/route.pb.h"
#include "resource/report.h"
#include "resource/route_config.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

// The error lists all problems with their field paths: what Envoy would refuse, and what is too
// large. What is fine but not supported is told in `report`.
absl::StatusOr<std::shared_ptr<const resource::RouteConfig>> DecodeRouteConfig(
    std::string_view bytes, resource::Report& report);

// The same inside a Listener: problems go to `context`.
std::shared_ptr<const resource::RouteConfig> DecodeRouteConfigMessage(
    const envoy::config::route::v3::RouteConfiguration& in, DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_ROUTE_CONFIG_H_
