// SPDX-License-Identifier: Apache-2.0
// ManageRequestHeaders: what Envoy's connection manager does to a request before it is routed.

#ifndef MESHLIB_CLIENT_CALL_HEADERS_H_
#define MESHLIB_CLIENT_CALL_HEADERS_H_

#include "base/random.h"
#include "policy/retry_state.h"
#include "resource/listener.h"
#include "route/request_rewrite.h"

namespace meshlib::client {

// Sets x-forwarded-proto where it is absent, and x-request-id as the Listener says. Removes the
// x-envoy-* headers that only requests from inside may carry; whether `head` is such a request, and
// its retry and time-out headers count, is the result. A sidecar takes its application's own
// requests for requests from outside, and so does this. With use_remote_address, whoever forwards
// the request must have added its client to x-forwarded-for: then x-forwarded-proto and
// x-envoy-external-address are what an edge makes of them, whatever the client said.
policy::RouterHeaders ManageRequestHeaders(const resource::HttpSettings& http, base::Random& random,
                                           route::OutgoingHead* head);

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_CALL_HEADERS_H_
