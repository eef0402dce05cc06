// SPDX-License-Identifier: Apache-2.0
// TlsContext: what a resource asks of TLS, as a value. Nothing here does TLS.

#ifndef MESHLIB_RESOURCE_TLS_CONTEXT_H_
#define MESHLIB_RESOURCE_TLS_CONTEXT_H_

#include <optional>
#include <string>
#include <vector>

#include "resource/matcher.h"

namespace meshlib::resource {

// type of a SubjectAltNameMatcher; kAny is the untyped, deprecated form.
enum class SanType : uint8_t { kAny, kDns, kUri, kEmail, kIpAddress, kOther };

struct SanMatcher {
  SanType type = SanType::kAny;
  StringMatcher matcher;
  friend bool operator==(const SanMatcher&, const SanMatcher&) = default;
};

// Where certificates come from, one of: an SDS secret, a certificate provider instance of gRPC,
// files, PEM texts, or the system.
struct CertificateSource {
  std::string secret;             // SDS name ("default", "ROOTCA", "file-root:/path")
  std::string provider_instance;  // gRPC's instance name
  std::string certificate_file, private_key_file, ca_file;
  std::string certificate_pem, private_key_pem, ca_pem;
  bool system_roots = false;
  friend bool operator==(const CertificateSource&, const CertificateSource&) = default;
};

// CommonTlsContext with the sides' own fields. A value.
struct TlsContext {
  std::optional<CertificateSource> identity;
  std::optional<CertificateSource> roots;  // absent: any chain is accepted (Envoy)
  std::vector<SanMatcher> peer_names;      // any of them; empty: no check of names
  std::vector<std::string> alpn;
  std::string sni;                          // client side
  bool require_client_certificate = false;  // server side
  friend bool operator==(const TlsContext&, const TlsContext&) = default;
};

}  // namespace meshlib::resource

#endif  // MESHLIB_RESOURCE_TLS_CONTEXT_H_
