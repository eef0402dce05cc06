// SPDX-License-Identifier: Apache-2.0
#include "authority.h"

namespace meshctl {

void AuthorityOptions::AddTo(CLI::App& command) {
  command.add_option(
      "--ca-key", key_file,
      "file of the authority's root and its key, made with mode 0600 where it is not "
      "there (default: a root in memory)");
  command.add_option("--cert-lifetime", lifetime,
                     "of certificates, at most and by default (default 24h; 10s to try rotation)");
  command.add_option("--trust-domain", trust_domain,
                     "of the identities (default: that of the MeshConfig, or cluster.local)");
}

absl::StatusOr<std::unique_ptr<meshlib::identity::CertificateAuthority>> StartAuthority(
    const AuthorityOptions& options, const meshlib::base::Clock& clock) {
  auto lifetime = ReadDuration("--cert-lifetime", options.lifetime);
  if (!lifetime.ok()) return lifetime.status();
  meshlib::identity::CertificateAuthorityOptions authority{.lifetime = *lifetime};
  if (!options.trust_domain.empty()) authority.trust_domain = options.trust_domain;
  return options.key_file.empty()
             ? meshlib::identity::CertificateAuthority::InMemory(authority, clock)
             : meshlib::identity::CertificateAuthority::InFile(options.key_file, authority, clock);
}

absl::StatusOr<absl::Duration> ReadDuration(const std::string& option, const std::string& text) {
  absl::Duration duration;
  if (absl::ParseDuration(text, &duration) && duration >= absl::Seconds(1)) return duration;
  return absl::InvalidArgumentError(option + ": \"" + text +
                                    "\" is not a duration of at least 1s, like 10s or 24h");
}

}  // namespace meshctl
