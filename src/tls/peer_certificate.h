// PeerCertificate: what a peer's verified leaf says of it.

#ifndef MESHLIB_TLS_PEER_CERTIFICATE_H_
#define MESHLIB_TLS_PEER_CERTIFICATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace meshlib::tls {

// A subjectAltName with its ASN.1 type. `value` is byte-exact; an IP address is its text. Names with
// a NUL byte never get here: the certificate is refused.
struct SubjectAltName {
  enum class Type : uint8_t { kDns, kUri, kEmail, kIpAddress, kOther };
  Type type = Type::kOther;
  std::string value;
  friend bool operator==(const SubjectAltName&, const SubjectAltName&) = default;
};

// A value.
struct PeerCertificate {
  std::vector<SubjectAltName> names;
  std::string subject;       // RFC 2253
  std::string sha256;        // of the DER, lower-case hexadecimal
  std::string leaf_pem;      // for x-forwarded-client-cert
  absl::Time not_after;
};

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_PEER_CERTIFICATE_H_
