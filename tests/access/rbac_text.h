// SPDX-License-Identifier: Apache-2.0
// RBAC filters of tests, written as text.

#ifndef MESHLIB_TESTS_ACCESS_RBAC_TEXT_H_
#define MESHLIB_TESTS_ACCESS_RBAC_TEXT_H_

#include <string>

#include "resource/rbac.h"

namespace meshlib::access {

// `text` is an envoy.extensions.filters.http.rbac.v3.RBAC as text; fails the test when it is not
// accepted.
resource::RbacFilter FilterOf(const std::string& text);

// One policy, "p", for what matches both.
std::string PolicyText(const std::string& permission, const std::string& principal,
                       const std::string& name = "p");

}  // namespace meshlib::access

#endif  // MESHLIB_TESTS_ACCESS_RBAC_TEXT_H_
