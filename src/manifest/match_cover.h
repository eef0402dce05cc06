// SPDX-License-Identifier: Apache-2.0
// Covers: whether one match of an HTTP route leaves nothing to another.

#ifndef MESHLIB_MANIFEST_MATCH_COVER_H_
#define MESHLIB_MANIFEST_MATCH_COVER_H_

#include <string>
#include <vector>

#include "manifest/http_route.h"

namespace meshlib::manifest {

// Whether every value that `b` takes is taken by `a`. Regular expressions are compared as text, and
// tried on exact values: false may mean "perhaps".
bool Covers(const StringMatch& a, const StringMatch& b);

// Whether every request that `b` takes is taken by `a`, as far as can be told. `gateways`: those of
// the VirtualService that both are of.
bool Covers(const HttpMatch& a, const HttpMatch& b, const std::vector<std::string>& gateways);

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_MATCH_COVER_H_
