// SPDX-License-Identifier: Apache-2.0
// ServingCertificates: the certificate of a server of ours, renewed while it runs.

#ifndef MESHLIB_IDENTITY_SERVING_CERTIFICATES_H_
#define MESHLIB_IDENTITY_SERVING_CERTIFICATES_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/event_loop.h"
#include "base/mutex.h"
#include "base/timer.h"
#include "identity/certificate_authority.h"

namespace meshlib::identity {

// Asked at each handshake: what it gives holds for that one. Never null. Thread-safe.
using ServingCertificateSource = std::function<std::shared_ptr<const ServingCertificate>()>;

// Issues another one, with another key, at half of the life of the one before. Control thread only,
// but Current() is thread-safe.
class ServingCertificates final {
 public:
  // For servers at `hosts`. `log` is told what becomes of renewals; empty: nobody. REQUIRES:
  // `authority` and `loop` outlive it.
  static absl::StatusOr<std::unique_ptr<ServingCertificates>> Start(
      const CertificateAuthority& authority, std::vector<std::string> hosts, base::EventLoop& loop,
      std::function<void(const std::string&)> log = nullptr);
  ServingCertificates(const ServingCertificates&) = delete;
  ServingCertificates& operator=(const ServingCertificates&) = delete;

  std::shared_ptr<const ServingCertificate> Current() const;

 private:
  ServingCertificates(const CertificateAuthority& authority, std::vector<std::string> hosts,
                      base::EventLoop& loop, std::function<void(const std::string&)> log);
  absl::Status Renew();
  void OnWallTime();
  void ArmWallTimer();
  void Log(const std::string& line) const;

  const CertificateAuthority& authority_;
  const std::vector<std::string> hosts_;
  base::EventLoop& loop_;
  const std::function<void(const std::string&)> log_;
  absl::Time renew_at_;  // by the time of day
  base::Timer wall_timer_;
  mutable base::Mutex mutex_;
  std::shared_ptr<const ServingCertificate> current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace meshlib::identity

#endif  // MESHLIB_IDENTITY_SERVING_CERTIFICATES_H_
