// SPDX-License-Identifier: Apache-2.0
// RequestHead: what routing sees of a request.

#ifndef MESHLIB_ROUTE_REQUEST_HEAD_H_
#define MESHLIB_ROUTE_REQUEST_HEAD_H_

#include <string_view>

#include "meshlib/headers.h"

namespace meshlib::route {

// Views; valid as long as what they point into.
struct RequestHead {
  std::string_view method;
  std::string_view path;  // with the query, "/a?b=c"
  std::string_view authority;
  std::string_view scheme = "http";
  const Headers* headers = nullptr;  // without "host"
};

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_REQUEST_HEAD_H_
