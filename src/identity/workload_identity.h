// SPDX-License-Identifier: Apache-2.0
// WorkloadIdentity: who this workload is, and whom it trusts, at one moment.

#ifndef MESHLIB_IDENTITY_WORKLOAD_IDENTITY_H_
#define MESHLIB_IDENTITY_WORKLOAD_IDENTITY_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "tls/key_pair.h"
#include "tls/trust_roots.h"

namespace meshlib::identity {

// What SDS calls `default` is `key_pair`, what it calls `ROOTCA` is roots(). Renewal makes a new
// one. A value, published as std::shared_ptr<const WorkloadIdentity>. Immutable; share freely.
struct WorkloadIdentity {
  std::shared_ptr<const tls::KeyPair> key_pair;  // never null
  // Never null; that of the workload's own trust domain is there. While a root is being replaced,
  // both are.
  std::shared_ptr<const tls::SpiffeBundles> bundles;
  std::string spiffe_id;     // "spiffe://cluster.local/ns/default/sa/reviews"
  std::string trust_domain;  // "cluster.local"
  absl::Time expires_at;     // of the leaf, by the time of day

  // Those of the workload's own trust domain; never null.
  const std::shared_ptr<const tls::TrustRoots>& roots() const {
    return bundles->find(trust_domain)->second;
  }
};

}  // namespace meshlib::identity

#endif  // MESHLIB_IDENTITY_WORKLOAD_IDENTITY_H_
