// SPDX-License-Identifier: Apache-2.0
// Retries, faults, CORS and hashing of a route, as xDS.

#ifndef MESHLIB_TRANSLATE_ROUTE_POLICIES_H_
#define MESHLIB_TRANSLATE_ROUTE_POLICIES_H_

#include <optional>

#include "manifest/http_route.h"
#include "manifest/traffic_policy.h"
#include "translate/xds.h"

namespace meshlib::translate {

// Istio's default, two retries, where `retries` is null. Nothing where it switches them off.
// `hashed`: the endpoint is chosen by a hash, so that a retry keeps to it.
std::optional<xds_route::RetryPolicy> TranslateRetries(const manifest::HttpRetry* retries,
                                                       bool hashed);

// What istiod sends for inbound routes: a request that never reached the application is retried.
xds_route::RetryPolicy InboundRetries();

void SetFault(const manifest::HttpFault& fault, xds_route::Route& route);
void SetCors(const manifest::CorsPolicy& cors, xds_route::Route& route);
void AddHashPolicy(const manifest::ConsistentHash& hash, xds_route::RouteAction& action);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_ROUTE_POLICIES_H_
