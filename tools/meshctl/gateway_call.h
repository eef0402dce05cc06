// SPDX-License-Identifier: Apache-2.0
// One Call through the gateway: in on a server stream, out on a client stream of the same loop.

#ifndef MESHCTL_GATEWAY_CALL_H_
#define MESHCTL_GATEWAY_CALL_H_

#include <memory>
#include <string>

#include "meshlib/http_client.h"
#include "meshlib/http_server.h"

namespace meshctl {

struct GatewayPort {
  std::string listener;  // "0.0.0.0_80"
};

// Forwards `request` by the routes of the port's Listener and streams both bodies, each side held
// back by the other. A request that no route takes gets 404; a failed Call the status that an Envoy
// would have answered. Adds the client to x-forwarded-for.
// Loop-bound: the loop of `stream`.
std::unique_ptr<meshlib::ServerStreamHandler> StartGatewayCall(meshlib::HttpClient& client,
                                                               const GatewayPort& port,
                                                               const meshlib::HttpRequest& request,
                                                               meshlib::ServerStream& stream);

}  // namespace meshctl

#endif  // MESHCTL_GATEWAY_CALL_H_
