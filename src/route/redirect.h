// SPDX-License-Identifier: Apache-2.0
// Answers that routes give themselves: redirects and direct responses.

#ifndef MESHLIB_ROUTE_REDIRECT_H_
#define MESHLIB_ROUTE_REDIRECT_H_

#include <optional>
#include <string>

#include "meshlib/headers.h"
#include "resource/listener.h"
#include "route/header_format.h"
#include "route/header_rewrite.h"
#include "route/request_head.h"
#include "route/request_rewrite.h"
#include "route/route_table.h"

namespace meshlib::route {

// An answer without headers beyond "location"; RewriteResponse() adds what is configured. A value.
struct LocalAnswer {
  int status = 200;
  std::string location;  // empty: none
  std::string body;
  std::optional<int> grpc_status{};  // for gRPC requests, instead of the one that `status` means
  friend bool operator==(const LocalAnswer&, const LocalAnswer&) = default;
};

// REQUIRES: the route's action is a RedirectAction or a DirectResponse. Like Envoy, direct
// responses of 201 and 3xx have a location too: the request's own URL.
LocalAnswer AnswerLocally(const CompiledRoute& route, const RequestHead& head);

// The same with its headers: `response` becomes "location" and what RewriteResponse() makes of it.
// Commands see what Envoy lets them see: in `head`, which is changed, the path that a redirect
// rewrites, and no response code yet. `context.request` is ignored. REQUIRES: as AnswerLocally().
LocalAnswer AnswerWithHeaders(const ChosenRoute& chosen, const FormatContext& context,
                              const resource::HttpSettings& settings, OutgoingHead& head,
                              Headers& response, RewriteScratch& scratch);

// Makes of an answer that no peer gave, be it a route's or an error's, what a gRPC client
// understands, if the request is gRPC's: status 200, "grpc-status" by the status or as given, and
// the body as "grpc-message". The last step, after all header mutations.
void AdaptToGrpc(const RequestHead& head, LocalAnswer& answer, Headers& response);

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_REDIRECT_H_
