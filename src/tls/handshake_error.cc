// SPDX-License-Identifier: Apache-2.0
#include "tls/handshake_error.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/string_view.h"

namespace meshlib::tls {
namespace {

struct Alert {
  uint8_t number;
  std::string_view name;
  bool certificate;  // the peer refuses who we are
};

constexpr Alert kAlerts[] = {{SSL_AD_CLOSE_NOTIFY, "close_notify", false},
                             {SSL_AD_UNEXPECTED_MESSAGE, "unexpected_message", false},
                             {SSL_AD_BAD_RECORD_MAC, "bad_record_mac", false},
                             {SSL_AD_RECORD_OVERFLOW, "record_overflow", false},
                             {SSL_AD_HANDSHAKE_FAILURE, "handshake_failure", false},
                             {SSL_AD_NO_CERTIFICATE, "no_certificate", true},
                             {SSL_AD_BAD_CERTIFICATE, "bad_certificate", true},
                             {SSL_AD_UNSUPPORTED_CERTIFICATE, "unsupported_certificate", true},
                             {SSL_AD_CERTIFICATE_REVOKED, "certificate_revoked", true},
                             {SSL_AD_CERTIFICATE_EXPIRED, "certificate_expired", true},
                             {SSL_AD_CERTIFICATE_UNKNOWN, "certificate_unknown", true},
                             {SSL_AD_ILLEGAL_PARAMETER, "illegal_parameter", false},
                             {SSL_AD_UNKNOWN_CA, "unknown_ca", true},
                             {SSL_AD_ACCESS_DENIED, "access_denied", true},
                             {SSL_AD_DECODE_ERROR, "decode_error", false},
                             {SSL_AD_DECRYPT_ERROR, "decrypt_error", false},
                             {SSL_AD_PROTOCOL_VERSION, "protocol_version", false},
                             {SSL_AD_INSUFFICIENT_SECURITY, "insufficient_security", false},
                             {SSL_AD_INTERNAL_ERROR, "internal_error", false},
                             {SSL_AD_INAPPROPRIATE_FALLBACK, "inappropriate_fallback", false},
                             {SSL_AD_USER_CANCELLED, "user_canceled", false},
                             {SSL_AD_NO_RENEGOTIATION, "no_renegotiation", false},
                             {SSL_AD_MISSING_EXTENSION, "missing_extension", false},
                             {SSL_AD_UNSUPPORTED_EXTENSION, "unsupported_extension", false},
                             {SSL_AD_UNRECOGNIZED_NAME, "unrecognized_name", false},
                             {SSL_AD_UNKNOWN_PSK_IDENTITY, "unknown_psk_identity", false},
                             {SSL_AD_CERTIFICATE_REQUIRED, "certificate_required", true},
                             {SSL_AD_NO_APPLICATION_PROTOCOL, "no_application_protocol", false}};

struct Reason {
  int number;
  std::string_view text;
};

constexpr Reason kReasons[] = {
    {SSL_R_UNSUPPORTED_PROTOCOL, "no TLS version in common (1.2 and 1.3 are spoken here)"},
    {SSL_R_NO_SHARED_CIPHER, "no cipher suite in common"},
    {SSL_R_NO_SHARED_GROUP, "no key exchange group in common"},
    {SSL_R_NO_COMMON_SIGNATURE_ALGORITHMS, "no signature algorithm in common"},
    {SSL_R_NO_RENEGOTIATION, "the peer asked for a renegotiation"},
    {SSL_R_EXCESSIVE_MESSAGE_SIZE, "a handshake message is too large (64 KiB of certificates)"},
    {SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, "a record was damaged on its way"},
#ifdef SSL_R_APPLICATION_DATA_INSTEAD_OF_HANDSHAKE  // until 2024
    {SSL_R_APPLICATION_DATA_INSTEAD_OF_HANDSHAKE, "data came where the handshake goes on"},
#endif
    {SSL_R_HTTP_REQUEST, "the client speaks plaintext HTTP"},
    {SSL_R_HTTPS_PROXY_REQUEST, "the client takes this for an HTTP proxy"}};

const Alert* FindAlert(uint8_t number) {
  const Alert* found = std::find_if(std::begin(kAlerts), std::end(kAlerts),
                                    [number](const Alert& a) { return a.number == number; });
  return found == std::end(kAlerts) ? nullptr : found;
}

bool LooksLikeText(std::string_view bytes) {
  return !bytes.empty() && std::all_of(bytes.begin(), bytes.end(), [](char c) {
    return c == '\r' || c == '\n' || (c >= ' ' && c < '\x7f');
  });
}

absl::Status NotTls(std::string_view first) {
  if (!LooksLikeText(first)) {
    return absl::UnavailableError("the peer does not speak TLS, or a record was damaged");
  }
  return absl::UnavailableError(absl::StrCat("the peer does not speak TLS: it begins with \"",
                                             absl::CHexEscape(base::AbslView(first)), "\""));
}

std::string InWords(uint32_t error) {
  const char* reason = ERR_reason_error_string(error);
  if (reason == nullptr) return "an unknown error";
  return absl::AsciiStrToLower(absl::StrReplaceAll(reason, {{"_", " "}}));
}

// The first error of TLS itself, which says more than those of the ciphers before it and the
// consequences behind it; else the first one. Empties the queue.
uint32_t TakeError() {
  uint32_t first = 0;
  while (const uint32_t error = ERR_get_error()) {
    if (first == 0) first = error;
    if (ERR_GET_LIB(error) == ERR_LIB_SSL) {
      first = error;
      break;
    }
  }
  ERR_clear_error();
  return first;
}

}  // namespace

std::string_view AlertName(uint8_t alert) {
  const Alert* found = FindAlert(alert);
  return found == nullptr ? "of an unknown kind" : found->name;
}

absl::Status TakeProtocolError(std::string_view first) {
  const uint32_t error = TakeError();
  if (error == 0) return absl::UnavailableError("the handshake failed");
  const int reason = ERR_GET_REASON(error);
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return absl::UnavailableError(InWords(error));
  if (reason >= SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256) {
    const auto number = static_cast<uint8_t>(reason - SSL_AD_REASON_OFFSET);
    const Alert* alert = FindAlert(number);
    const std::string text =
        absl::StrCat("the peer refused us: alert ", base::AbslView(AlertName(number)));
    const bool certificate = alert != nullptr && alert->certificate;
    return certificate ? absl::UnauthenticatedError(text) : absl::UnavailableError(text);
  }
  if (reason == SSL_R_WRONG_VERSION_NUMBER) return NotTls(first);
  if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
    return absl::UnauthenticatedError("the client showed no certificate, and one is required");
  }
  for (const Reason& known : kReasons) {
    if (known.number == reason) return absl::UnavailableError(base::AbslView(known.text));
  }
  return absl::UnavailableError(absl::StrCat("the peer broke the protocol: ", InWords(error)));
}

}  // namespace meshlib::tls
