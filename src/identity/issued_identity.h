// SPDX-License-Identifier: Apache-2.0
// CheckIssued: whether what an authority answered is what was asked for.

#ifndef MESHLIB_IDENTITY_ISSUED_IDENTITY_H_
#define MESHLIB_IDENTITY_ISSUED_IDENTITY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "identity/workload_name.h"
#include "tls/key_pair.h"
#include "tls/private_key.h"

namespace meshlib::identity {

// A value.
struct IssuedIdentity {
  std::shared_ptr<const tls::KeyPair> key_pair;
  std::string roots_pem;
  absl::Time not_before;  // may be later than now: it must not be used until then
  absl::Time not_after;
};

// `chain`: as in CertificateService::Done. An error when it is empty, garbage, of another key, has
// expired, is valid for less than a moment, does not lead to its own roots, or names another
// workload than `name`.
absl::StatusOr<IssuedIdentity> CheckIssued(const std::vector<std::string>& chain,
                                           const tls::PrivateKey& key, const WorkloadName& name,
                                           absl::Time now);

}  // namespace meshlib::identity

#endif  // MESHLIB_IDENTITY_ISSUED_IDENTITY_H_
