// SPDX-License-Identifier: Apache-2.0
#include "mesh/embedded_control_plane.h"

#include <utility>

#include "translate/trust_domains.h"

namespace meshlib::mesh {
namespace {

registry::RegistryOptions Withholding(bool expect_reconnects) {
  registry::RegistryOptions options;
  if (!expect_reconnects) options.at_most = absl::ZeroDuration();
  return options;
}

LogSeverity SeverityOf(manifest::Severity severity) {
  switch (severity) {
    case manifest::Severity::kError:
      return LogSeverity::kError;
    case manifest::Severity::kWarning:
      return LogSeverity::kWarning;
    case manifest::Severity::kNote:
      return LogSeverity::kInfo;
  }
  return LogSeverity::kError;
}

}  // namespace

// Logs what clients refuse. Control thread only.
class EmbeddedControlPlane::NackLog final : public ads_server::AdsServerObserver {
 public:
  explicit NackLog(const Log& log) : log_(log) {}
  void OnStreamOpened(const ads_server::Node& node) override {
    log_.Info("ads_server: " + node.id + " connected");
  }
  void OnStreamEnded(const ads_server::Node& node) override {
    log_.Info("ads_server: " + node.id + " disconnected");
  }
  void OnNack(const ads_server::Node& node, std::string_view type_url, std::string_view version,
              std::string_view text) override {
    log_.Warning("ads_server: " + node.id + " rejects version " + std::string(version) + " of " +
                 std::string(type_url) + ": " + std::string(text));
  }

 private:
  const Log& log_;
};

absl::StatusOr<std::unique_ptr<EmbeddedControlPlane>> EmbeddedControlPlane::Start(
    EmbeddedControlPlaneOptions options, net::Loop& loop, const Log& log) {
  std::unique_ptr<EmbeddedControlPlane> plane(
      new EmbeddedControlPlane(std::move(options), loop, log));
  if (absl::Status status = plane->LoadAndWatch(); !status.ok()) return status;
  return plane;
}

EmbeddedControlPlane::EmbeddedControlPlane(EmbeddedControlPlaneOptions options, net::Loop& loop,
                                           const Log& log)
    : loop_(loop),
      log_(log),
      files_(std::move(options.directory), {std::move(options.allow_unenforced)}),
      probe_(loop),
      registry_(loop, probe_, Withholding(options.expect_reconnects)),
      source_(registry_),
      trust_domain_(std::move(options.trust_domain)),
      nack_log_(std::make_unique<NackLog>(log)),
      server_(loop, source_, &registry_, nack_log_.get()) {}

EmbeddedControlPlane::~EmbeddedControlPlane() = default;

absl::Status EmbeddedControlPlane::LoadAndWatch() {
  if (absl::Status status = files_.Start(); !status.ok()) return status;
  LogProblems(files_.problems());
  LogMended();
  if (absl::Status status = ChooseTrustDomain(); !status.ok()) return status;
  Update();
  auto watch = net::DirectoryWatch::Start(loop_, files_.path(), [this] { Reload(); });
  if (!watch.ok()) return watch.status();
  watch_ = *std::move(watch);
  Reload();  // what changed before the watch was there
  return absl::OkStatus();
}

void EmbeddedControlPlane::Reload() {
  const manifest::ManifestDirectory::Change change = files_.Reload();
  LogProblems(change.new_problems);
  LogMended();
  if (!change.manifest_changed) return;
  log_.Info("manifest: " + files_.path() + " changed");
  Update();
}

absl::Status EmbeddedControlPlane::ChooseTrustDomain() {
  const std::string asked = trust_domain_;
  trust_domain_ = translate::TrustDomainsOf(*files_.manifest(), asked).own;
  for (const manifest::MeshConfig& config : files_.manifest()->mesh_configs) {
    if (config.trust_domain.value_or(trust_domain_) == trust_domain_) continue;
    return absl::InvalidArgumentError(config.meta.place.ToString() + ": the trust domain is " +
                                      *config.trust_domain + " there, and " + asked +
                                      " was asked for");
  }
  return absl::OkStatus();
}

// A mesh stays in its trust domain: the certificates that workloads have are of it.
void EmbeddedControlPlane::Update() {
  for (const manifest::MeshConfig& config : files_.manifest()->mesh_configs) {
    const std::string next = config.trust_domain.value_or(trust_domain_);
    if (next == trust_domain_ || !reported_.insert(next).second) continue;
    log_.Warning(config.meta.place.ToString() + ": the trust domain stays " + trust_domain_ +
                 " until a restart, which makes it " + next);
  }
  source_.Update(files_.manifest(), trust_domain_);
  LogReport();
}

void EmbeddedControlPlane::LogProblems(const std::vector<manifest::Problem>& problems) const {
  for (const manifest::Problem& problem : problems) {
    log_.Write(SeverityOf(problem.severity), problem.ToString());
  }
}

void EmbeddedControlPlane::LogMended() {
  std::set<std::string> broken;
  for (const manifest::Problem& problem : files_.problems()) {
    if (problem.severity == manifest::Severity::kError) broken.insert(problem.place.file);
  }
  for (const std::string& file : broken_) {
    if (broken.count(file) == 0) log_.Warning(file + ": mended: it has no errors any more");
  }
  broken_ = std::move(broken);
}

void EmbeddedControlPlane::LogReport() {
  for (const translate::TranslateProblem& problem : source_.report()) {
    const std::string line = problem.ToString();
    if (reported_.insert(line).second) log_.Warning(line);
  }
}

}  // namespace meshlib::mesh
