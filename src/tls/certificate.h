// SPDX-License-Identifier: Apache-2.0
// What is read out of one X.509 certificate. For this folder: it names BoringSSL's types.

#ifndef MESHLIB_TLS_CERTIFICATE_H_
#define MESHLIB_TLS_CERTIFICATE_H_

#include <openssl/base.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tls/peer_certificate.h"

namespace meshlib::tls {

// Not OK: a name with a NUL byte, an IP address of a strange size, an extension that does not
// decode.
absl::StatusOr<PeerCertificate> ReadCertificate(X509& certificate);

// "CN=reviews, URI spiffe://cluster.local/ns/default/sa/reviews, issued by CN=root": at most four
// names, control bytes escaped, for people.
std::string DescribeCertificate(X509& certificate);

absl::Time NotBefore(const X509& certificate);
absl::Time NotAfter(const X509& certificate);

// Not OK: an RSA key of less than 2048 bits, or a key that is neither RSA nor on P-256, P-384 or
// P-521.
absl::Status CheckKeyStrength(X509& certificate);
// Not OK: signed with anything weaker than SHA-256.
absl::Status CheckSignatureStrength(const X509& certificate);

// "90 s", "3 h", "12 d".
std::string Roughly(absl::Duration duration);

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_CERTIFICATE_H_
