// SPDX-License-Identifier: Apache-2.0
// The messages of istio.v1.auth.IstioCertificateService as values.

#ifndef MESHLIB_IDENTITY_CERTIFICATE_MESSAGES_H_
#define MESHLIB_IDENTITY_CERTIFICATE_MESSAGES_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace meshlib::identity {

inline constexpr std::string_view kCreateCertificateMethod =
    "/istio.v1.auth.IstioCertificateService/CreateCertificate";

// A value.
struct CertificateRequest {
  std::string request_pem;
  absl::Duration lifetime;  // not positive: the authority's default
  std::map<std::string, std::string> metadata;
  friend bool operator==(const CertificateRequest&, const CertificateRequest&) = default;
};

std::string EncodeRequest(const CertificateRequest& request);
absl::StatusOr<CertificateRequest> DecodeRequest(std::string_view bytes);

std::string EncodeResponse(const std::vector<std::string>& chain);
// INVALID_ARGUMENT: not a response.
absl::StatusOr<std::vector<std::string>> DecodeResponse(std::string_view bytes);

}  // namespace meshlib::identity

#endif  // MESHLIB_IDENTITY_CERTIFICATE_MESSAGES_H_
