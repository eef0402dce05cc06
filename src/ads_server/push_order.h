// SPDX-License-Identifier: Apache-2.0
// What every ADS protocol's server keeps to: the order of types, and for how long nothing vanishes.

#ifndef MESHLIB_ADS_SERVER_PUSH_ORDER_H_
#define MESHLIB_ADS_SERVER_PUSH_ORDER_H_

#include <string_view>

#include "absl/time/time.h"
#include "proto/type_urls.h"

namespace meshlib::ads_server {

// Make before break: a Cluster comes before the route that points at it (xDS protocol, "Eventual
// consistency considerations").
inline constexpr std::string_view kPushOrder[] = {
    proto::kClusterTypeUrl, proto::kEndpointSetTypeUrl, proto::kListenerTypeUrl,
    proto::kRouteConfigTypeUrl};

// Calls `respond(type_url, state)` for the types that a client has asked for, these first and then
// all: `types` maps type URLs to states.
template <typename Types, typename Respond>
void InPushOrder(Types& types, const Respond& respond) {
  for (const std::string_view type_url : kPushOrder) {
    const auto it = types.find(type_url);
    if (it != types.end()) respond(it->first, it->second);
  }
  for (auto& [type_url, state] : types) respond(type_url, state);
}

// How long Clusters and EndpointSets that go together with a change of routes are kept: long enough
// for a client to fetch what its new routes need, by name and step by step.
inline constexpr absl::Duration kLinger = absl::Seconds(2);

// Of these types an empty first subscription means everything.
inline bool ListsEverything(std::string_view type_url) {
  return type_url == proto::kListenerTypeUrl || type_url == proto::kClusterTypeUrl;
}

}  // namespace meshlib::ads_server

#endif  // MESHLIB_ADS_SERVER_PUSH_ORDER_H_
