// SPDX-License-Identifier: Apache-2.0
// The names of the ADS methods on the wire.

#ifndef MESHLIB_RPC_ADS_METHOD_NAME_H_
#define MESHLIB_RPC_ADS_METHOD_NAME_H_

#include <optional>
#include <string_view>

#include "xds/ads_transport.h"

namespace meshlib::rpc {

inline constexpr std::string_view kStateOfTheWorldMethod =
    "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";
inline constexpr std::string_view kDeltaMethod =
    "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";

inline std::string_view NameOf(xds::AdsMethod method) {
  return method == xds::AdsMethod::kDelta ? kDeltaMethod : kStateOfTheWorldMethod;
}

inline std::optional<xds::AdsMethod> MethodNamed(std::string_view name) {
  if (name == kStateOfTheWorldMethod) return xds::AdsMethod::kStateOfTheWorld;
  if (name == kDeltaMethod) return xds::AdsMethod::kDelta;
  return std::nullopt;
}

}  // namespace meshlib::rpc

#endif  // MESHLIB_RPC_ADS_METHOD_NAME_H_
