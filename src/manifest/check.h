// SPDX-License-Identifier: Apache-2.0
// Check: what is wrong with a Manifest whose objects are each right.

#ifndef MESHLIB_MANIFEST_CHECK_H_
#define MESHLIB_MANIFEST_CHECK_H_

#include <set>
#include <string>
#include <vector>

#include "manifest/manifest.h"

namespace meshlib::manifest {

struct CheckOptions {
  std::set<std::string> allow_unenforced;  // kinds
};

// References to hosts, subsets, ports and gateways that do not exist, routes that an earlier match
// hides, weights that cannot be meant, kinds that nothing enforces. In the order of places.
std::vector<Problem> Check(const Manifest& manifest, const CheckOptions& options);

// Loads `path` and checks it: everything `meshctl check` reports.
std::vector<Problem> CheckPath(const std::string& path, const CheckOptions& options);

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_CHECK_H_
