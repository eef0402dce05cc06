// SPDX-License-Identifier: Apache-2.0
#include "identity/certificate_authority.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "identity/secret_file.h"
#include "resource/address.h"
#include "tls/private_key.h"

namespace meshlib::identity {
namespace {

using Type = tls::SubjectAltName::Type;

constexpr absl::Duration kRootLifetime = absl::Hours(24 * 365 * 10);

absl::StatusOr<std::shared_ptr<const tls::Authority>> NewRoot(
    const CertificateAuthorityOptions& options, const base::Clock& clock) {
  const absl::Time now = clock.WallNow();
  return tls::Authority::Generate(options.trust_domain, now - absl::Hours(1), now + kRootLifetime);
}

}  // namespace

absl::StatusOr<std::unique_ptr<CertificateAuthority>> CertificateAuthority::InMemory(
    CertificateAuthorityOptions options, const base::Clock& clock) {
  auto root = NewRoot(options, clock);
  if (!root.ok()) return root.status();
  return Make(*std::move(root), std::move(options), clock);
}

absl::StatusOr<std::unique_ptr<CertificateAuthority>> CertificateAuthority::InFile(
    const std::string& path, CertificateAuthorityOptions options, const base::Clock& clock) {
  absl::StatusOr<std::shared_ptr<const tls::Authority>> root;
  auto content = ReadSecretFile(path);
  if (absl::IsNotFound(content.status())) {
    root = NewRoot(options, clock);
    if (!root.ok()) return root.status();
    const absl::Status created = CreateSecretFile(path, (*root)->ToPem());
    if (!created.ok() && !absl::IsAlreadyExists(created)) return created;
    content = ReadSecretFile(path);  // of whoever was first
  }
  if (!content.ok()) return content.status();
  root = tls::Authority::FromPem(*content, path);
  if (!root.ok()) return root.status();
  if ((*root)->not_after() <= clock.WallNow()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": the root certificate has expired"));
  }
  return Make(*std::move(root), std::move(options), clock);
}

absl::StatusOr<std::unique_ptr<CertificateAuthority>> CertificateAuthority::Make(
    std::shared_ptr<const tls::Authority> authority, CertificateAuthorityOptions options,
    const base::Clock& clock) {
  auto secret = authority->DeriveSecret("meshlib tokens");
  if (!secret.ok()) return secret.status();
  return std::unique_ptr<CertificateAuthority>(new CertificateAuthority(
      std::move(authority), *std::move(secret), std::move(options), clock));
}

CertificateAuthority::CertificateAuthority(std::shared_ptr<const tls::Authority> authority,
                                           std::string token_secret,
                                           CertificateAuthorityOptions options,
                                           const base::Clock& clock)
    : authority_(std::move(authority)),
      options_(std::move(options)),
      clock_(clock),
      tokens_(std::move(token_secret)) {}

absl::StatusOr<std::vector<std::string>> CertificateAuthority::Issue(
    std::string_view request_pem, const WorkloadName& name, absl::Duration lifetime) const {
  if (absl::Status named = CheckWorkloadName(name); !named.ok()) return named;
  if (name.trust_domain != options_.trust_domain) {
    return absl::InvalidArgumentError(
        absl::StrCat("the trust domain here is ", options_.trust_domain));
  }
  if (lifetime <= absl::ZeroDuration()) lifetime = options_.lifetime;
  const absl::Time now = clock_.WallNow();
  tls::LeafOptions leaf;
  leaf.names.push_back({.type = Type::kUri, .value = name.SpiffeId()});
  leaf.not_before = now - options_.backdate;
  leaf.not_after = std::min(now + std::min(lifetime, options_.lifetime), authority_->not_after());
  auto certificate = authority_->Sign(request_pem, leaf);
  if (!certificate.ok()) return certificate.status();
  return std::vector<std::string>{*std::move(certificate), authority_->root_pem()};
}

absl::StatusOr<ServingCertificate> CertificateAuthority::IssueServing(
    const std::vector<std::string>& hosts) const {
  auto key = tls::PrivateKey::Generate();
  if (!key.ok()) return key.status();
  tls::LeafOptions leaf;
  for (const std::string& host : hosts) {
    const bool ip = resource::Address::FromIp(host, 0).has_value();
    leaf.names.push_back({.type = ip ? Type::kIpAddress : Type::kDns, .value = host});
  }
  const absl::Time now = clock_.WallNow();
  leaf.not_before = now - options_.backdate;
  leaf.not_after = std::min(now + options_.lifetime, authority_->not_after());
  auto certificate = authority_->SignKey(**key, leaf);
  if (!certificate.ok()) return certificate.status();
  return ServingCertificate{.chain_pem = *std::move(certificate),
                            .key_pem = (*key)->ToPem(),
                            .not_after = leaf.not_after};
}

}  // namespace meshlib::identity
