// SPDX-License-Identifier: Apache-2.0
#include "identity/certificate_endpoint.h"

#include <map>
#include <utility>

#include "identity/certificate_messages.h"

namespace meshlib::identity {
namespace {

constexpr std::string_view kBearer = "Bearer ";

std::string Find(const std::map<std::string, std::string>& metadata, const std::string& key) {
  const auto it = metadata.find(key);
  return it == metadata.end() || it->second.empty() ? "default" : it->second;
}

}  // namespace

absl::StatusOr<std::optional<TokenClaims>> CertificateEndpoint::CheckCaller(
    const std::optional<std::string>& authorization) const {
  if (proof_ == CallerProof::kNothing) return std::nullopt;
  if (!authorization.has_value() || !authorization->starts_with(kBearer)) {
    return absl::UnauthenticatedError("identity: no bearer token");
  }
  const std::string_view token = std::string_view(*authorization).substr(kBearer.size());
  auto claims = authority_.tokens().Check(token, authority_.clock().WallNow());
  if (!claims.ok()) return claims.status();
  return std::optional<TokenClaims>(*std::move(claims));
}

absl::StatusOr<std::string> CertificateEndpoint::CreateCertificate(
    const std::optional<std::string>& authorization, std::string_view request) const {
  auto caller = CheckCaller(authorization);
  if (!caller.ok()) return caller.status();
  auto decoded = DecodeRequest(request);
  if (!decoded.ok()) return decoded.status();
  WorkloadName name;
  name.trust_domain = authority_.trust_domain();
  if (caller->has_value()) {
    name.name_space = (*caller)->name_space;
    name.service_account = (*caller)->service_account;
  } else {
    name.name_space = Find(decoded->metadata, "NAMESPACE");
    name.service_account = Find(decoded->metadata, "SERVICE_ACCOUNT");
  }
  auto chain = authority_.Issue(decoded->request_pem, name, decoded->lifetime);
  if (!chain.ok()) return chain.status();
  if (issued_) issued_("identity: issued " + name.SpiffeId());
  return EncodeResponse(*chain);
}

}  // namespace meshlib::identity
