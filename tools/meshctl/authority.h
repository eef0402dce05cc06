// SPDX-License-Identifier: Apache-2.0
// The certificate authority of `meshctl serve`, and what tokens of it are for.

#ifndef MESHCTL_AUTHORITY_H_
#define MESHCTL_AUTHORITY_H_

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "identity/certificate_authority.h"

namespace meshctl {

// The options of commands that are, or speak for, an authority.
struct AuthorityOptions {
  std::string key_file;          // --ca-key
  std::string trust_domain;      // empty: cluster.local
  std::string lifetime = "24h";  // --cert-lifetime

  void AddTo(CLI::App& command);
};

// INVALID_ARGUMENT names the option. REQUIRES: `clock` outlives it.
absl::StatusOr<std::unique_ptr<meshlib::identity::CertificateAuthority>> StartAuthority(
    const AuthorityOptions& options, const meshlib::base::Clock& clock);

// "10s", "24h". INVALID_ARGUMENT names `option`.
absl::StatusOr<absl::Duration> ReadDuration(const std::string& option, const std::string& text);

}  // namespace meshctl

#endif  // MESHCTL_AUTHORITY_H_
