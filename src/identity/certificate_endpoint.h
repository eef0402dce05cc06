// SPDX-License-Identifier: Apache-2.0
// CertificateEndpoint: who may have which certificate of a CertificateAuthority.

#ifndef MESHLIB_IDENTITY_CERTIFICATE_ENDPOINT_H_
#define MESHLIB_IDENTITY_CERTIFICATE_ENDPOINT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "identity/certificate_authority.h"
#include "identity/token.h"

namespace meshlib::identity {

// How callers prove who they are.
enum class CallerProof : uint8_t {
  // By a token of the authority ("authorization: Bearer ...").
  kToken,
  // Not at all: whoever can reach the endpoint may be whoever its request's metadata names
  // (NAMESPACE, SERVICE_ACCOUNT). For a unix socket that only its owner can open.
  kNothing,
};

// Answers istio.v1.auth.IstioCertificateService/CreateCertificate. Thread-safe.
class CertificateEndpoint final {
 public:
  // REQUIRES: `authority` outlives it.
  // `issued`, if any, is told of each certificate, on any thread: "issued spiffe://...".
  CertificateEndpoint(const CertificateAuthority& authority, CallerProof proof,
                      std::function<void(const std::string&)> issued = nullptr)
      : authority_(authority), proof_(proof), issued_(std::move(issued)) {}

  CallerProof proof() const { return proof_; }

  // Bytes of the request to bytes of the response. `authorization`: the header, if any.
  // UNAUTHENTICATED or INVALID_ARGUMENT otherwise.
  absl::StatusOr<std::string> CreateCertificate(const std::optional<std::string>& authorization,
                                                std::string_view request) const;

  // Who the caller is; nullopt where nothing is asked for. UNAUTHENTICATED says why not.
  absl::StatusOr<std::optional<TokenClaims>> CheckCaller(
      const std::optional<std::string>& authorization) const;

 private:
  const CertificateAuthority& authority_;
  const CallerProof proof_;
  const std::function<void(const std::string&)> issued_;
};

}  // namespace meshlib::identity

#endif  // MESHLIB_IDENTITY_CERTIFICATE_ENDPOINT_H_
