// SPDX-License-Identifier: Apache-2.0
// CertificateAuthority: issues the identities of a laptop mesh.

#ifndef MESHLIB_IDENTITY_CERTIFICATE_AUTHORITY_H_
#define MESHLIB_IDENTITY_CERTIFICATE_AUTHORITY_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "identity/token.h"
#include "identity/workload_name.h"
#include "tls/authority.h"

namespace meshlib::identity {

// A value.
struct CertificateAuthorityOptions {
  std::string trust_domain = "cluster.local";
  // What is issued where nothing else is asked for, and the most that is.
  absl::Duration lifetime = absl::Hours(24);
  // Certificates begin this much before they are issued: clocks differ.
  absl::Duration backdate = absl::Minutes(2);
};

// The certificate and key of a server, as PEM. A value that its owner keeps in memory.
struct ServingCertificate {
  std::string chain_pem;
  std::string key_pem;
  absl::Time not_after;
};

// Decides nothing: whom it is asked for is for callers to know. Thread-safe.
class CertificateAuthority final {
 public:
  // A root that lives as long as the object. REQUIRES: `clock` outlives it.
  static absl::StatusOr<std::unique_ptr<CertificateAuthority>> InMemory(
      CertificateAuthorityOptions options, const base::Clock& clock);
  // The root in a file, which is made (mode 0600) when it is not there. An error names the file:
  // others can read it, it is garbage, or its root has expired.
  static absl::StatusOr<std::unique_ptr<CertificateAuthority>> InFile(
      const std::string& path, CertificateAuthorityOptions options, const base::Clock& clock);

  // A leaf for the key of the request, then the root. INVALID_ARGUMENT: a bad request or name.
  // `lifetime` not positive: the default; more than that is not given.
  absl::StatusOr<std::vector<std::string>> Issue(std::string_view request_pem,
                                                 const WorkloadName& name,
                                                 absl::Duration lifetime) const;
  // For servers at these hosts ("127.0.0.1", "istiod.istio-system.svc"), with the default lifetime.
  absl::StatusOr<ServingCertificate> IssueServing(const std::vector<std::string>& hosts) const;

  const std::string& root_pem() const { return authority_->root_pem(); }
  const std::string& trust_domain() const { return options_.trust_domain; }
  // Issues and checks this authority's tokens.
  const TokenIssuer& tokens() const { return tokens_; }
  const base::Clock& clock() const { return clock_; }

 private:
  static absl::StatusOr<std::unique_ptr<CertificateAuthority>> Make(
      std::shared_ptr<const tls::Authority> authority, CertificateAuthorityOptions options,
      const base::Clock& clock);
  CertificateAuthority(std::shared_ptr<const tls::Authority> authority, std::string token_secret,
                       CertificateAuthorityOptions options, const base::Clock& clock);

  const std::shared_ptr<const tls::Authority> authority_;
  const CertificateAuthorityOptions options_;
  const base::Clock& clock_;
  const TokenIssuer tokens_;
};

}  // namespace meshlib::identity

#endif  // MESHLIB_IDENTITY_CERTIFICATE_AUTHORITY_H_
