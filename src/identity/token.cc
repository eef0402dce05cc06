// SPDX-License-Identifier: Apache-2.0
#include "identity/token.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/string_view.h"
#include "identity/secret_file.h"
#include "identity/workload_name.h"
#include "tls/message_authentication.h"

namespace meshlib::identity {
namespace {

using Object = google::protobuf::Struct;

constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::string_view kSubjectPrefix = "system:serviceaccount:";
constexpr size_t kLongestToken = 16 * 1024;

std::string Encode(std::string_view bytes) {
  return absl::WebSafeBase64Escape(base::AbslView(bytes));
}

std::optional<Object> ReadObject(std::string_view encoded) {
  std::string json;
  if (!absl::WebSafeBase64Unescape(base::AbslView(encoded), &json)) return std::nullopt;
  Object object;
  if (!google::protobuf::util::JsonStringToMessage(json, &object).ok()) return std::nullopt;
  return object;
}

std::string TextOf(const Object& object, const char* field) {
  const auto it = object.fields().find(field);
  return it == object.fields().end() ? "" : it->second.string_value();
}

std::optional<absl::Time> TimeOf(const Object& object, const char* field) {
  const auto it = object.fields().find(field);
  if (it == object.fields().end() || !it->second.has_number_value()) return std::nullopt;
  return absl::UnixEpoch() + absl::Seconds(it->second.number_value());
}

absl::Status Refuse(std::string_view cause) {
  return absl::UnauthenticatedError(absl::StrCat("identity: token: ", base::AbslView(cause)));
}

absl::StatusOr<TokenClaims> ReadClaims(const Object& payload) {
  if (TextOf(payload, "aud") != kTokenAudience) return Refuse("its audience is not istio-ca");
  const std::string subject = TextOf(payload, "sub");
  std::string_view rest = subject;
  if (!rest.starts_with(kSubjectPrefix)) return Refuse("its subject is no service account");
  rest.remove_prefix(kSubjectPrefix.size());
  const size_t colon = rest.find(':');
  const auto issued = TimeOf(payload, "iat");
  const auto expires = TimeOf(payload, "exp");
  if (colon == std::string_view::npos || !issued || !expires) return Refuse("claims are missing");
  return TokenClaims{.name_space = std::string(rest.substr(0, colon)),
                     .service_account = std::string(rest.substr(colon + 1)),
                     .issued_at = *issued,
                     .expires_at = *expires};
}

}  // namespace

absl::StatusOr<std::string> TokenIssuer::Issue(const TokenClaims& claims) const {
  const absl::Status named = CheckWorkloadName(
      {.name_space = claims.name_space, .service_account = claims.service_account});
  if (!named.ok()) return named;
  // The names need no escaping: they were checked.
  const std::string payload =
      absl::StrCat(R"({"iss":"meshlib","aud":")", base::AbslView(kTokenAudience), R"(","sub":")",
                   base::AbslView(kSubjectPrefix), claims.name_space, ":", claims.service_account,
                   R"(","iat":)", absl::ToUnixSeconds(claims.issued_at), R"(,"exp":)",
                   absl::ToUnixSeconds(claims.expires_at), "}");
  const std::string signed_part = absl::StrCat(Encode(kHeader), ".", Encode(payload));
  return absl::StrCat(signed_part, ".", Encode(tls::HmacSha256(secret_, signed_part)));
}

absl::StatusOr<TokenClaims> TokenIssuer::Check(std::string_view token, absl::Time now) const {
  if (token.size() > kLongestToken) return Refuse("it is too long");
  const size_t last = token.rfind('.');
  const size_t first = token.find('.');
  if (first == std::string_view::npos || first == last) return Refuse("it is no JWT");
  const std::string_view signed_part = token.substr(0, last);
  // The header is ours or the token is not: no algorithm is chosen by whoever sends it.
  if (token.substr(0, first) != Encode(kHeader)) return Refuse("another issuer's, or altered");
  if (!tls::ConstantTimeEquals(token.substr(last + 1),
                               Encode(tls::HmacSha256(secret_, signed_part)))) {
    return Refuse("another authority's, or altered");
  }
  const auto payload = ReadObject(signed_part.substr(first + 1));
  if (!payload.has_value()) return Refuse("its claims do not decode");
  auto claims = ReadClaims(*payload);
  if (!claims.ok()) return claims;
  if (claims->expires_at <= now) {
    return Refuse(
        absl::StrCat("it expired ", absl::FormatDuration(now - claims->expires_at), " ago"));
  }
  return claims;
}

std::optional<absl::Time> TokenExpiry(std::string_view token) {
  const size_t first = token.find('.');
  if (first == std::string_view::npos || token.size() > kLongestToken) return std::nullopt;
  const std::string_view rest = token.substr(first + 1);
  const auto payload = ReadObject(rest.substr(0, rest.find('.')));
  if (!payload.has_value()) return std::nullopt;
  return TimeOf(*payload, "exp");
}

absl::StatusOr<std::string> ReadTokenFile(const std::string& path, absl::Time now) {
  auto content = ReadSecretFile(path);
  if (!content.ok()) {
    return absl::Status(content.status().code(),
                        absl::StrCat("token ", content.status().message()));
  }
  const std::string token(absl::StripAsciiWhitespace(*content));
  // It becomes a header of a request.
  if (std::ranges::any_of(token, [](char c) { return c <= ' ' || c > '~'; })) {
    return absl::InvalidArgumentError(absl::StrCat("token ", path, ": it is no token"));
  }
  if (const auto expiry = TokenExpiry(token); expiry.has_value() && *expiry <= now) {
    return absl::UnauthenticatedError(
        absl::StrCat("token ", path, ": it expired ",
                     absl::FormatDuration(absl::Trunc(now - *expiry, absl::Seconds(1))), " ago"));
  }
  return token;
}

}  // namespace meshlib::identity
