// SPDX-License-Identifier: Apache-2.0
// BundlesFor(): whose certificates the workload's roots vouch for.

#ifndef MESHLIB_SNAPSHOT_NAMED_TRUST_DOMAINS_H_
#define MESHLIB_SNAPSHOT_NAMED_TRUST_DOMAINS_H_

#include <memory>
#include <vector>

#include "resource/tls_context.h"
#include "snapshot/tls_materials.h"
#include "tls/trust_roots.h"

namespace meshlib::snapshot {

// Those of the workload's own trust domain, and of those that `names` let in: Istio's
// trustDomainAliases, which have the same roots. A matcher lets one in that it names in full:
// "spiffe://td.example/", and what begins with it, exact or as a prefix.
// REQUIRES: `roots` has bundles.
std::shared_ptr<const tls::SpiffeBundles> BundlesFor(
    const RootsMaterial& roots, const std::vector<resource::SanMatcher>& names);

}  // namespace meshlib::snapshot

#endif  // MESHLIB_SNAPSHOT_NAMED_TRUST_DOMAINS_H_
