// SPDX-License-Identifier: Apache-2.0
#include "identity/serving_certificates.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace meshlib::identity {
namespace {

// Timers count monotonic time, certificates the time of day, which may jump.
constexpr absl::Duration kLongestSleep = absl::Seconds(30);
constexpr absl::Duration kShortestRenewal = absl::Milliseconds(500);
constexpr absl::Duration kRetryAfter = absl::Seconds(1);

}  // namespace

absl::StatusOr<std::unique_ptr<ServingCertificates>> ServingCertificates::Start(
    const CertificateAuthority& authority, std::vector<std::string> hosts, base::EventLoop& loop,
    std::function<void(const std::string&)> log) {
  std::unique_ptr<ServingCertificates> started(
      new ServingCertificates(authority, std::move(hosts), loop, std::move(log)));
  if (absl::Status first = started->Renew(); !first.ok()) return first;
  started->ArmWallTimer();
  return started;
}

ServingCertificates::ServingCertificates(const CertificateAuthority& authority,
                                         std::vector<std::string> hosts, base::EventLoop& loop,
                                         std::function<void(const std::string&)> log)
    : authority_(authority),
      hosts_(std::move(hosts)),
      loop_(loop),
      log_(std::move(log)),
      wall_timer_(loop.timers(), [this] { OnWallTime(); }) {}

std::shared_ptr<const ServingCertificate> ServingCertificates::Current() const {
  base::MutexLock lock(mutex_);
  return current_;
}

absl::Status ServingCertificates::Renew() {
  const absl::Time now = authority_.clock().WallNow();
  auto issued = authority_.IssueServing(hosts_);
  if (!issued.ok()) {
    renew_at_ = now + kRetryAfter;
    return issued.status();
  }
  renew_at_ = now + std::max((issued->not_after - now) / 2, kShortestRenewal);
  Log(absl::StrCat("identity: the serving certificate is valid until ",
                   absl::FormatTime(issued->not_after, absl::UTCTimeZone())));
  auto next = std::make_shared<const ServingCertificate>(*std::move(issued));
  base::MutexLock lock(mutex_);
  current_.swap(next);
  return absl::OkStatus();
}

void ServingCertificates::OnWallTime() {
  if (renew_at_ <= authority_.clock().WallNow()) {
    if (absl::Status renewed = Renew(); !renewed.ok()) {
      Log(absl::StrCat("identity: the serving certificate cannot be renewed: ", renewed.message()));
    }
  }
  ArmWallTimer();
}

void ServingCertificates::ArmWallTimer() {
  const absl::Duration left = renew_at_ - authority_.clock().WallNow();
  wall_timer_.ArmAt(loop_.Now() + std::clamp(left, absl::Milliseconds(1), kLongestSleep));
}

void ServingCertificates::Log(const std::string& line) const {
  if (log_) log_(line);
}

}  // namespace meshlib::identity
