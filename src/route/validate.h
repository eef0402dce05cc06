// SPDX-License-Identifier: Apache-2.0
// What Envoy refuses in a RouteConfiguration beyond what its fields say alone.

#ifndef MESHLIB_ROUTE_VALIDATE_H_
#define MESHLIB_ROUTE_VALIDATE_H_

#include <string>
#include <vector>

#include "resource/route_config.h"

namespace meshlib::route {

// A value.
struct ValidationError {
  std::string field;  // "virtual_hosts[0].domains[1]"
  std::string message;
  friend bool operator==(const ValidationError&, const ValidationError&) = default;
};

// All errors: duplicate domains, weights that sum to zero or beyond 2^32-1, rewrites that exclude
// each other, headers that must not be changed (":path", "host"), header formats, and retry
// back-offs whose maximum is below their base.
std::vector<ValidationError> Validate(const resource::RouteConfig& config);

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_VALIDATE_H_
