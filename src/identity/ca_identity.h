// SPDX-License-Identifier: Apache-2.0
// CaIdentitySource: a WorkloadIdentity that a certificate authority signs and that renews itself.

#ifndef MESHLIB_IDENTITY_CA_IDENTITY_H_
#define MESHLIB_IDENTITY_CA_IDENTITY_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/event_loop.h"
#include "base/random.h"
#include "base/timer.h"
#include "identity/certificate_service.h"
#include "identity/identity_observer.h"
#include "identity/identity_publisher.h"
#include "identity/identity_source.h"
#include "identity/issued_identity.h"
#include "identity/root_history.h"
#include "identity/workload_name.h"
#include "tls/private_key.h"

namespace meshlib::identity {

// A value.
struct CaIdentityOptions {
  WorkloadName name;
  absl::Duration lifetime = absl::Hours(24);  // asked for; the authority decides
  absl::Duration answer_within = absl::Seconds(10);
  base::BackoffOptions backoff{.initial = absl::Seconds(1), .max = absl::Seconds(60)};
  // Renewal at half of what remains of a certificate, give or take this share of it.
  double jitter = 0.01;
  // A problem is urgent when less than this share of the certificate's time remains.
  double urgent_share = 0.25;
};

// A key of its own for each certificate; keys are never written anywhere. The old certificate is
// used until the new one is there, also when it has expired meanwhile. One that is not valid yet,
// because a clock is wrong, is used when it is. Control thread only.
class CaIdentitySource final : public IdentitySource {
 public:
  // Asks at once. REQUIRES: all but the options outlive it, `observer` may be nullptr.
  CaIdentitySource(CaIdentityOptions options, CertificateService& service, base::EventLoop& loop,
                   const base::Clock& clock, base::Random random, IdentityObserver* observer);
  ~CaIdentitySource() override;

  std::shared_ptr<const WorkloadIdentity> Current() const override { return publisher_.current(); }
  base::Subscription Watch(absl::AnyInvocable<void()> changed) override {
    return publisher_.Watch(std::move(changed));
  }
  absl::Status status() const override;
  const RenewalRecord& record() const override { return record_; }

 private:
  using Answer = absl::StatusOr<std::vector<std::string>>;

  void Ask();
  void OnAnswer(const Answer& answer);
  void OnAnswerOverdue();
  void Take(IssuedIdentity issued);
  void Use(const IssuedIdentity& issued);
  void PublishIdentity(std::shared_ptr<const tls::KeyPair> pair);
  void Fail(const absl::Status& cause);
  bool IsUrgent(absl::Time now) const;
  bool IsValid(absl::Time now) const;

  // What is due by the time of day.
  void OnWallTime();
  void ArmWallTimer();

  const CaIdentityOptions options_;
  const std::string spiffe_id_;
  CertificateService& service_;
  base::EventLoop& loop_;
  const base::Clock& clock_;
  IdentityObserver* const observer_;

  base::Random random_;
  base::Backoff backoff_;
  IdentityPublisher publisher_;
  RenewalRecord record_;
  RootHistory roots_;
  std::shared_ptr<const tls::PrivateKey> asked_key_;  // while an answer is awaited
  std::optional<IssuedIdentity> early_;               // not valid yet
  absl::Status problem_;                              // of the newest try
  absl::Time obtained_at_;                            // by the time of day
  absl::Time renew_at_ = absl::InfiniteFuture();      // by the time of day
  base::Timer wall_timer_;
  base::Timer retry_timer_;
  base::Timer overdue_timer_;
  base::Subscription call_;
};

}  // namespace meshlib::identity

#endif  // MESHLIB_IDENTITY_CA_IDENTITY_H_
