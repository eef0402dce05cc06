// SPDX-License-Identifier: Apache-2.0
// CertificateService: whoever signs certificates for this workload.

#ifndef MESHLIB_IDENTITY_CERTIFICATE_SERVICE_H_
#define MESHLIB_IDENTITY_CERTIFICATE_SERVICE_H_

#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/subscription.h"

namespace meshlib::identity {

// istio.v1.auth.IstioCertificateService, or what answers like it. Control thread only.
class CertificateService {
 public:
  // PEM texts as they came: the leaf first, the roots last.
  using Done = absl::AnyInvocable<void(absl::StatusOr<std::vector<std::string>>)>;

  virtual ~CertificateService() = default;
  // Calls `done` once, never inside CreateCertificate(). Destroying the Subscription cancels; it
  // may happen within `done`, and must happen before the service is destroyed.
  virtual base::Subscription CreateCertificate(std::string request_pem, absl::Duration lifetime,
                                               Done done) = 0;
  // For messages: "grpcs://istiod.istio-system.svc:15012".
  virtual std::string ToString() const = 0;
};

}  // namespace meshlib::identity

#endif  // MESHLIB_IDENTITY_CERTIFICATE_SERVICE_H_
