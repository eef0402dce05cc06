// SPDX-License-Identifier: Apache-2.0
// PeerCertificate: what a peer's verified leaf says of it.

#ifndef MESHLIB_TLS_PEER_CERTIFICATE_H_
#define MESHLIB_TLS_PEER_CERTIFICATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace meshlib::tls {

// A subjectAltName with its ASN.1 type. `value` is byte-exact; an IP address is its text. Names
// with a NUL byte never get here: the certificate is refused.
struct SubjectAltName {
  enum class Type : uint8_t { kDns, kUri, kEmail, kIpAddress, kOther };
  Type type = Type::kOther;
  std::string value;  // empty for kOther
  friend bool operator==(const SubjectAltName&, const SubjectAltName&) = default;
};

// RFC 5280 section 4.2.1.3, as far as anybody asks.
struct KeyUsage {
  bool critical = false;
  bool digital_signature = false;
  bool certificate_sign = false;
  bool crl_sign = false;
  friend bool operator==(const KeyUsage&, const KeyUsage&) = default;
};

// RFC 5280 section 4.2.1.12.
struct ExtendedKeyUsage {
  bool server_authentication = false;
  bool client_authentication = false;
  friend bool operator==(const ExtendedKeyUsage&, const ExtendedKeyUsage&) = default;
};

// A value.
struct PeerCertificate {
  std::vector<SubjectAltName> names;
  bool names_critical = false;
  std::string subject;   // RFC 2253; empty: the certificate has none
  std::string issuer;    // RFC 2253
  std::string sha256;    // of the DER, lower-case hexadecimal
  std::string leaf_pem;  // for x-forwarded-client-cert
  absl::Time not_after;
  bool is_authority = false;  // basicConstraints' cA
  std::optional<KeyUsage> key_usage;
  std::optional<ExtendedKeyUsage> extended_key_usage;
};

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_PEER_CERTIFICATE_H_
