// SPDX-License-Identifier: Apache-2.0
// LocalCertificateService: the CertificateService of an authority in this process.

#ifndef MESHLIB_IDENTITY_LOCAL_CERTIFICATE_SERVICE_H_
#define MESHLIB_IDENTITY_LOCAL_CERTIFICATE_SERVICE_H_

#include <memory>
#include <string>
#include <utility>

#include "base/event_loop.h"
#include "identity/certificate_authority.h"
#include "identity/certificate_service.h"
#include "identity/workload_name.h"

namespace meshlib::identity {

// Issues for one workload. Control thread only.
class LocalCertificateService final : public CertificateService {
 public:
  // REQUIRES: `authority` and `loop` outlive it.
  LocalCertificateService(const CertificateAuthority& authority, WorkloadName name,
                          base::EventLoop& loop)
      : authority_(authority), name_(std::move(name)), loop_(loop) {}

  base::Subscription CreateCertificate(std::string request_pem, absl::Duration lifetime,
                                       Done done) override {
    auto waiting = std::make_shared<Done>(std::move(done));
    loop_.Post([weak = std::weak_ptr(waiting),
                answer = authority_.Issue(request_pem, name_, lifetime)]() mutable {
      if (const auto held = weak.lock()) (*held)(std::move(answer));
    });
    return base::Subscription([waiting] {});
  }
  std::string ToString() const override { return "the authority of this process"; }

 private:
  const CertificateAuthority& authority_;
  const WorkloadName name_;
  base::EventLoop& loop_;
};

}  // namespace meshlib::identity

#endif  // MESHLIB_IDENTITY_LOCAL_CERTIFICATE_SERVICE_H_
