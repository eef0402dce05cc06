// SPDX-License-Identifier: Apache-2.0
#include "identity/ca_identity.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tls/signing_request.h"
#include "tls/trust_roots.h"

namespace meshlib::identity {
namespace {

// Timers count monotonic time, certificates the time of day, which may jump (a laptop wakes up).
constexpr absl::Duration kLongestSleep = absl::Seconds(30);
constexpr absl::Duration kShortestRenewal = absl::Milliseconds(500);
// A certificate that begins later than this is not waited for.
constexpr absl::Duration kLongestEarliness = absl::Minutes(10);

std::string Rounded(absl::Duration duration) {
  const absl::Duration unit = duration < absl::Minutes(2) ? absl::Seconds(1) : absl::Minutes(1);
  return absl::FormatDuration(absl::Trunc(duration, unit));
}

// What an authority says is quoted in log lines.
std::string OnOneLine(absl::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return absl::ascii_iscntrl(c); }, ' ');
  return line;
}

}  // namespace

CaIdentitySource::CaIdentitySource(CaIdentityOptions options, CertificateService& service,
                                   base::EventLoop& loop, const base::Clock& clock,
                                   base::Random random, IdentityObserver* observer)
    : options_(std::move(options)),
      spiffe_id_(options_.name.SpiffeId()),
      service_(service),
      loop_(loop),
      clock_(clock),
      observer_(observer),
      random_(random),
      backoff_(options_.backoff, random_),
      publisher_(loop),
      problem_(absl::UnavailableError(
          absl::StrCat("identity: ", spiffe_id_, ": ", service_.ToString(), " was asked"))),
      wall_timer_(loop.timers(), [this] { OnWallTime(); }),
      retry_timer_(loop.timers(), [this] { Ask(); }),
      overdue_timer_(loop.timers(), [this] { OnAnswerOverdue(); }) {
  Ask();
}

CaIdentitySource::~CaIdentitySource() = default;

absl::Status CaIdentitySource::status() const {
  const auto current = Current();
  if (current == nullptr) return problem_;
  const absl::Time now = clock_.WallNow();
  if (current->expires_at <= now) {
    return absl::UnavailableError(absl::StrCat("identity: the certificate of ", spiffe_id_,
                                               " expired ", Rounded(now - current->expires_at),
                                               " ago; ", problem_.message()));
  }
  return problem_;
}

void CaIdentitySource::Ask() {
  renew_at_ = absl::InfiniteFuture();
  retry_timer_.Cancel();
  auto key = tls::PrivateKey::Generate();
  if (!key.ok()) return Fail(key.status());
  auto request = tls::MakeSigningRequest(**key, spiffe_id_);
  if (!request.ok()) return Fail(request.status());
  asked_key_ = *std::move(key);
  overdue_timer_.ArmAt(loop_.Now() + options_.answer_within);
  call_ = service_.CreateCertificate(*std::move(request), options_.lifetime,
                                     [this](const Answer& answer) { OnAnswer(answer); });
}

void CaIdentitySource::OnAnswer(const Answer& answer) {
  overdue_timer_.Cancel();
  const auto key = std::exchange(asked_key_, nullptr);
  if (key == nullptr) return;
  if (!answer.ok()) return Fail(answer.status());
  auto issued = CheckIssued(*answer, *key, options_.name, clock_.WallNow());
  if (!issued.ok()) return Fail(issued.status());
  Take(*std::move(issued));
}

void CaIdentitySource::OnAnswerOverdue() {
  call_.Reset();
  asked_key_ = nullptr;
  Fail(absl::DeadlineExceededError(
      absl::StrCat("no answer within ", absl::FormatDuration(options_.answer_within))));
}

void CaIdentitySource::Take(IssuedIdentity issued) {
  const absl::Duration early = issued.not_before - clock_.WallNow();
  if (early <= absl::ZeroDuration()) return Use(issued);
  const std::string text = absl::StrCat("the certificate is not valid before ",
                                        absl::FormatTime(issued.not_before, absl::UTCTimeZone()),
                                        ", in ", Rounded(early), ": a clock is wrong");
  if (early > kLongestEarliness) return Fail(absl::UnavailableError(text));
  problem_ = absl::UnavailableError(
      absl::StrCat("identity: ", spiffe_id_, ": ", service_.ToString(), ": ", text));
  if (Current() == nullptr) publisher_.TellWatchers();
  if (observer_ != nullptr) observer_->OnProblem(Urgency::kRetrying, problem_);
  early_ = std::move(issued);
  ArmWallTimer();
}

void CaIdentitySource::Use(const IssuedIdentity& issued) {
  const absl::Time now = clock_.WallNow();
  const absl::Duration remaining = issued.not_after - now;
  obtained_at_ = now;
  const double share = 0.5 + options_.jitter * (2 * random_.Fraction() - 1);
  renew_at_ = now + std::max(remaining * share, kShortestRenewal);
  backoff_.Reset();
  record_.Succeed();
  problem_ = absl::OkStatus();
  roots_.Expire(now);
  roots_.Add(issued.roots_pem, issued.not_after);
  PublishIdentity(issued.key_pair);
  ArmWallTimer();
  if (observer_ != nullptr && Current() != nullptr) observer_->OnIdentity(*Current());
}

void CaIdentitySource::PublishIdentity(std::shared_ptr<const tls::KeyPair> pair) {
  auto roots = tls::TrustRoots::FromPem(roots_.Pem(), service_.ToString());
  if (!roots.ok()) return Fail(roots.status());
  auto identity = std::make_shared<WorkloadIdentity>();
  identity->expires_at = pair->not_after();
  identity->key_pair = std::move(pair);
  identity->spiffe_id = spiffe_id_;
  identity->trust_domain = options_.name.trust_domain;
  identity->bundles = std::make_shared<const tls::SpiffeBundles>(
      tls::SpiffeBundles{{identity->trust_domain, *std::move(roots)}});
  publisher_.Publish(std::move(identity));
}

void CaIdentitySource::Fail(const absl::Status& cause) {
  const absl::Time now = clock_.WallNow();
  record_.Fail(now);
  std::string text = absl::StrCat("identity: ", spiffe_id_, ": ", service_.ToString(), ": ",
                                  OnOneLine(cause.message()));
  absl::Duration delay = backoff_.Next();
  if (const auto current = Current()) {
    const absl::Duration remaining = current->expires_at - now;
    if (remaining > absl::ZeroDuration()) {
      absl::StrAppend(&text, "; the certificate in use is valid for ", Rounded(remaining));
      delay = std::min(delay, std::max(remaining / 4, absl::Milliseconds(250)));
    } else {
      absl::StrAppend(&text, "; the certificate in use has expired");
    }
  } else {
    absl::StrAppend(&text, "; there is no certificate yet");
  }
  problem_ = absl::Status(cause.code(), text);
  if (Current() == nullptr) publisher_.TellWatchers();
  retry_timer_.ArmAt(loop_.Now() + delay);
  if (observer_ != nullptr) {
    observer_->OnProblem(IsUrgent(now) ? Urgency::kUrgent : Urgency::kRetrying, problem_);
  }
}

bool CaIdentitySource::IsUrgent(absl::Time now) const {
  const auto current = Current();
  if (current == nullptr) return true;
  const absl::Duration whole = current->expires_at - obtained_at_;
  return current->expires_at - now < whole * options_.urgent_share;
}

bool CaIdentitySource::IsValid(absl::Time now) const {
  return Current() != nullptr && Current()->expires_at > now;
}

void CaIdentitySource::OnWallTime() {
  const absl::Time now = clock_.WallNow();
  if (early_.has_value() && early_->not_before <= now) {
    const IssuedIdentity issued = *std::exchange(early_, std::nullopt);
    if (issued.not_after > now) return Use(issued);
    Ask();
  } else if (renew_at_ <= now) {
    Ask();
  }
  // Those of a certificate that could not be renewed stay as long as it is used.
  if (IsValid(now) && roots_.Expire(now)) PublishIdentity(Current()->key_pair);
  ArmWallTimer();
}

void CaIdentitySource::ArmWallTimer() {
  const absl::Time now = clock_.WallNow();
  absl::Time next = renew_at_;
  if (early_.has_value()) next = std::min(next, early_->not_before);
  if (IsValid(now)) next = std::min(next, roots_.NextExpiry());
  wall_timer_.ArmAt(loop_.Now() + std::clamp(next - now, absl::Milliseconds(1), kLongestSleep));
}

}  // namespace meshlib::identity
