// SPDX-License-Identifier: Apache-2.0
#include "identity/file_identity.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "identity/secret_file.h"
#include "tls/key_pair_check.h"
#include "tls/pem.h"
#include "tls/spiffe.h"

namespace meshlib::identity {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kLongestSleep = absl::Seconds(30);

struct FileNames {
  const char* chain;
  const char* key;
  const char* roots;
};
constexpr std::array<FileNames, 2> kNames = {
    FileNames{"cert-chain.pem", "key.pem", "root-cert.pem"},
    FileNames{"tls.crt", "tls.key", "ca.crt"}};

// A value. Its destructor wipes the key.
struct Files {
  Files() = default;
  Files(Files&&) = default;
  Files& operator=(Files&&) = default;
  ~Files() { tls::Wipe(&key); }

  size_t Version() const {
    const std::hash<std::string> hash;
    return hash(chain) ^ (hash(key) * 31) ^ (hash(roots) * 131);
  }

  std::string place;  // "/etc/certs/tls.crt and tls.key", for messages
  std::string chain;
  std::string key;
  std::string roots;
};

// Kubernetes replaces the link ..data: what is behind it belongs together.
fs::path OneVersionOf(const fs::path& directory) {
  std::error_code error;
  const fs::path version = fs::canonical(directory / "..data", error);
  return error ? directory : version;
}

absl::StatusOr<Files> ReadFiles(const std::string& directory) {
  const fs::path version = OneVersionOf(directory);
  std::error_code error;
  const bool first = fs::exists(version / kNames[0].chain, error);
  const FileNames& names = first ? kNames[0] : kNames[1];
  Files files;
  files.place = absl::StrCat((version / names.chain).string(), " and ", names.key);
  auto chain = ReadPublicFile((version / names.chain).string());
  if (!chain.ok()) return chain.status();
  auto key = ReadSecretFile((version / names.key).string());
  if (!key.ok()) return key.status();
  auto roots = ReadPublicFile((version / names.roots).string());
  if (!roots.ok()) return roots.status();
  files.chain = *std::move(chain);
  files.key = *std::move(key);
  files.roots = *std::move(roots);
  return files;
}

absl::Status Annotate(const std::string& place, const absl::Status& cause) {
  return absl::Status(cause.code(), absl::StrCat(place, ": ", cause.message()));
}

absl::StatusOr<std::shared_ptr<const WorkloadIdentity>> MakeIdentity(
    const Files& files, std::shared_ptr<const tls::KeyPair> pair, absl::Time now) {
  auto roots = tls::TrustRoots::FromPem(files.roots, files.place);
  if (!roots.ok()) return roots.status();
  auto leaf = tls::CheckKeyPair(*pair, **roots, now);
  if (!leaf.ok()) return Annotate(files.place, leaf.status());
  auto id = tls::ReadSvid(*leaf);
  if (!id.ok()) return Annotate(files.place, id.status());
  auto identity = std::make_shared<WorkloadIdentity>();
  identity->spiffe_id = id->ToString();
  identity->trust_domain = id->trust_domain;
  identity->expires_at = pair->not_after();
  identity->key_pair = std::move(pair);
  identity->bundles = std::make_shared<const tls::SpiffeBundles>(
      tls::SpiffeBundles{{identity->trust_domain, *std::move(roots)}});
  return identity;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileIdentitySource>> FileIdentitySource::Start(
    FileIdentityOptions options, net::Loop& loop, const base::Clock& clock,
    IdentityObserver* observer) {
  std::unique_ptr<FileIdentitySource> source(
      new FileIdentitySource(std::move(options), loop, clock, observer));
  auto watch = net::DirectoryWatch::Start(
      loop, source->options_.directory, [raw = source.get()] { raw->OnChanged(); },
      source->options_.watch);
  if (!watch.ok()) return Annotate("identity", watch.status());
  source->watch_ = *std::move(watch);
  source->OnSettled();
  return source;
}

FileIdentitySource::FileIdentitySource(FileIdentityOptions options, net::Loop& loop,
                                       const base::Clock& clock, IdentityObserver* observer)
    : options_(std::move(options)),
      loop_(loop),
      clock_(clock),
      observer_(observer),
      publisher_(loop),
      settle_timer_(loop.timers(), [this] { OnSettled(); }),
      wall_timer_(loop.timers(), [this] { OnWallTime(); }) {}

FileIdentitySource::~FileIdentitySource() = default;

absl::Status FileIdentitySource::status() const {
  const absl::Time now = clock_.WallNow();
  if (!problem_.ok() || Current() == nullptr || now < overdue_at_) return problem_;
  return Overdue(now);
}

absl::Status FileIdentitySource::Overdue(absl::Time now) const {
  const absl::Duration remaining = Current()->expires_at - now;
  const std::string state =
      remaining > absl::ZeroDuration()
          ? absl::StrCat("ends in ", absl::FormatDuration(absl::Trunc(remaining, absl::Seconds(1))))
          : "has expired";
  return absl::UnavailableError(absl::StrCat("identity: ", options_.directory, ": the certificate ",
                                             state, " and was not replaced"));
}

void FileIdentitySource::OnChanged() {
  if (Load().ok()) {
    settle_timer_.Cancel();
  } else {
    settle_timer_.ArmAt(loop_.Now() + options_.settle);
  }
}

void FileIdentitySource::OnSettled() {
  if (absl::Status status = Load(); !status.ok()) Report(status);
  ArmWallTimer();
}

absl::Status FileIdentitySource::Load() {
  valid_at_ = absl::InfiniteFuture();
  auto files = ReadFiles(options_.directory);
  if (!files.ok()) return files.status();
  const size_t version = files->Version();
  if (Current() != nullptr && version == version_) {
    problem_ = absl::OkStatus();
    return absl::OkStatus();
  }
  auto pair = tls::KeyPair::FromPem(files->chain, files->key, files->place);
  if (!pair.ok()) return pair.status();
  const absl::Time now = clock_.WallNow();
  valid_at_ = (*pair)->not_before() > now ? (*pair)->not_before() : absl::InfiniteFuture();
  auto identity = MakeIdentity(*files, *std::move(pair), now);
  if (!identity.ok()) return identity.status();
  Use(*std::move(identity), version);
  return absl::OkStatus();
}

void FileIdentitySource::Use(std::shared_ptr<const WorkloadIdentity> identity, size_t version) {
  version_ = version;
  problem_ = absl::OkStatus();
  record_.Succeed();
  const absl::Duration whole = identity->expires_at - identity->key_pair->not_before();
  overdue_at_ = loud_at_ = identity->expires_at - whole * options_.urgent_share;
  publisher_.Publish(identity);
  ArmWallTimer();
  if (observer_ != nullptr) observer_->OnIdentity(*identity);
}

void FileIdentitySource::Report(const absl::Status& problem) {
  const auto current = Current();
  const absl::Time now = clock_.WallNow();
  const bool valid = current != nullptr && current->expires_at > now;
  absl::Status reported = absl::Status(
      problem.code(), absl::StrCat("identity: ", problem.message(),
                                   current == nullptr ? "; there is no certificate yet"
                                   : valid            ? "; the last good certificate stays in use"
                                                      : "; the last good certificate has expired"));
  if (reported == problem_) return;
  problem_ = std::move(reported);
  record_.Fail(now);
  if (current == nullptr) publisher_.TellWatchers();
  if (observer_ == nullptr) return;
  observer_->OnProblem(valid && now < overdue_at_ ? Urgency::kRetrying : Urgency::kUrgent,
                       problem_);
}

// Files are looked at again when time alone can have made them good, and where a watch may have
// failed.
void FileIdentitySource::OnWallTime() {
  const absl::Time now = clock_.WallNow();
  if (!settle_timer_.armed() && (!problem_.ok() || valid_at_ <= now)) {
    if (absl::Status status = Load(); !status.ok()) Report(status);
  }
  if (loud_at_ <= now && Current() != nullptr) {
    loud_at_ = now + std::max((Current()->expires_at - now) / 4, absl::Minutes(1));
    record_.Fail(now);
    if (observer_ != nullptr) observer_->OnProblem(Urgency::kUrgent, Overdue(now));
  }
  ArmWallTimer();
}

void FileIdentitySource::ArmWallTimer() {
  const absl::Time next = std::min(valid_at_, loud_at_);
  wall_timer_.ArmAt(loop_.Now() +
                    std::clamp(next - clock_.WallNow(), absl::Milliseconds(1), kLongestSleep));
}

}  // namespace meshlib::identity
