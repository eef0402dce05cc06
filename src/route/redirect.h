// Answers that routes give themselves: redirects and direct responses.

#ifndef MESHLIB_ROUTE_REDIRECT_H_
#define MESHLIB_ROUTE_REDIRECT_H_

#include <string>

#include "route/request_head.h"
#include "route/route_table.h"

namespace meshlib::route {

// An answer without headers beyond "location"; RewriteResponse() adds what is configured. A value.
struct LocalAnswer {
  int status = 200;
  std::string location;  // empty: none
  std::string body;
  friend bool operator==(const LocalAnswer&, const LocalAnswer&) = default;
};

// REQUIRES: the route's action is a RedirectAction or a DirectResponse. Like Envoy, direct
// responses of 201 and 3xx have a location too: the request's own URL.
LocalAnswer AnswerLocally(const CompiledRoute& route, const RequestHead& head);

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_REDIRECT_H_
