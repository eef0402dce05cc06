// SPDX-License-Identifier: Apache-2.0
#include "tls/certificate_list.h"

#include <openssl/mem.h>

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tls/library_error.h"
#include "tls/pem.h"

namespace meshlib::tls {

absl::StatusOr<CertificateList> ReadCertificates(std::string_view pem) {
  absl::StatusOr<std::vector<PemBlock>> blocks = ReadPem(pem);
  if (!blocks.ok()) return blocks.status();
  CertificateList certificates;
  for (const PemBlock& block : *blocks) {
    if (block.label != "CERTIFICATE" && block.label != "X509 CERTIFICATE" &&
        block.label != "TRUSTED CERTIFICATE") {
      continue;
    }
    const auto* der = reinterpret_cast<const uint8_t*>(block.der.data());
    const uint8_t* const end = der + block.der.size();
    bssl::UniquePtr<X509> certificate(d2i_X509(nullptr, &der, static_cast<long>(block.der.size())));
    // What follows in a TRUSTED CERTIFICATE are OpenSSL's own settings.
    if (certificate == nullptr || (der != end && block.label != "TRUSTED CERTIFICATE")) {
      const std::string cause = TakeLibraryError();
      return absl::InvalidArgumentError(absl::StrCat("certificate ", certificates.size() + 1,
                                                     " does not decode", cause.empty() ? "" : " (",
                                                     cause, cause.empty() ? "" : ")"));
    }
    certificates.push_back(std::move(certificate));
  }
  if (certificates.empty()) return absl::InvalidArgumentError("there is no certificate in PEM");
  return certificates;
}

bssl::UniquePtr<CRYPTO_BUFFER> BufferOf(X509& certificate) {
  uint8_t* der = nullptr;
  const int size = i2d_X509(&certificate, &der);
  if (size <= 0) return nullptr;
  const bssl::UniquePtr<uint8_t> owned(der);
  return bssl::UniquePtr<CRYPTO_BUFFER>(CRYPTO_BUFFER_new(der, static_cast<size_t>(size), nullptr));
}

}  // namespace meshlib::tls
