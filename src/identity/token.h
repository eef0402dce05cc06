// SPDX-License-Identifier: Apache-2.0
// Tokens: who a workload is, as JSON Web Tokens (RFC 7519) say it.

#ifndef MESHLIB_IDENTITY_TOKEN_H_
#define MESHLIB_IDENTITY_TOKEN_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace meshlib::identity {

inline constexpr std::string_view kTokenAudience = "istio-ca";

// A value.
struct TokenClaims {
  std::string name_space;
  std::string service_account;
  absl::Time issued_at;
  absl::Time expires_at;
  friend bool operator==(const TokenClaims&, const TokenClaims&) = default;
};

// Issues and checks tokens of its own (HS256, audience "istio-ca", subject
// "system:serviceaccount:NAMESPACE:SERVICE_ACCOUNT"). Immutable; share freely.
class TokenIssuer final {
 public:
  explicit TokenIssuer(std::string secret) : secret_(std::move(secret)) {}

  // INVALID_ARGUMENT: a name has other characters than a SPIFFE ID may have.
  absl::StatusOr<std::string> Issue(const TokenClaims& claims) const;
  // UNAUTHENTICATED says why, without the token.
  absl::StatusOr<TokenClaims> Check(std::string_view token, absl::Time now) const;

 private:
  const std::string secret_;
};

// When a token of anybody says that it expires. Nothing of it is believed: only whether it is worth
// being sent. Absent: it does not say, or is no JWT.
std::optional<absl::Time> TokenExpiry(std::string_view token);

// The token in a file, without the white space around it. The cause names the file: as
// ReadSecretFile(), and UNAUTHENTICATED when it has expired.
absl::StatusOr<std::string> ReadTokenFile(const std::string& path, absl::Time now);

}  // namespace meshlib::identity

#endif  // MESHLIB_IDENTITY_TOKEN_H_
