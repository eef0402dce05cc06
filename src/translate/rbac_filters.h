// SPDX-License-Identifier: Apache-2.0
// The RBAC filters of a server, as istiod builds them.

#ifndef MESHLIB_TRANSLATE_RBAC_FILTERS_H_
#define MESHLIB_TRANSLATE_RBAC_FILTERS_H_

#include <vector>

#include "meshlib/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb.h"
#include "translate/node_class.h"
#include "translate/policy_index.h"
#include "translate/trust_domains.h"

namespace meshlib::translate {

using RbacHttpFilter =
    ::meshlib::envoy::extensions::filters::network::http_connection_manager::v3::HttpFilter;

// In the order in which they are asked: CUSTOM, which is refused because nobody can be asked, then
// AUDIT, DENY and ALLOW. gRPC has neither AUDIT nor dry runs, and names of its own. `tcp`: the port
// is declared to carry no HTTP. Principals are those of `domains`, but for gRPC.
std::vector<RbacHttpFilter> BuildRbacFilters(Shape shape, const AppliedPolicies& policies,
                                             const TrustDomains& domains, bool tcp);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_RBAC_FILTERS_H_
