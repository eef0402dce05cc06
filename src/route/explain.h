// SPDX-License-Identifier: Apache-2.0
// Explain: the route-related part of an Explanation.

#ifndef MESHLIB_ROUTE_EXPLAIN_H_
#define MESHLIB_ROUTE_EXPLAIN_H_

#include <cstdint>

#include "meshlib/explain.h"
#include "resource/listener.h"
#include "route/request_head.h"
#include "route/route_table.h"

namespace meshlib::route {

// Fills everything but `listener` and `endpoints`, and says in `error` when no route takes the
// request. `head` is the request as the router sees it, that is after ApplyPathSettings();
// `random` decides runtime fractions, and between weighted clusters whose mutations are shown.
void Explain(const RouteTable& table, const resource::HttpSettings& settings,
             const RequestHead& head, uint64_t random, Explanation& explanation);

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_EXPLAIN_H_
