// SPDX-License-Identifier: Apache-2.0
#include "tls/trust_roots.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "tls/library_error.h"
#include "tls/pem.h"
#include "tls/trust_roots_parts.h"

namespace meshlib::tls {

TrustRoots::TrustRoots(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

TrustRoots::~TrustRoots() = default;

absl::StatusOr<std::shared_ptr<const TrustRoots>> TrustRoots::FromPem(std::string_view pem,
                                                                      std::string_view source) {
  absl::StatusOr<CertificateList> certificates = ReadCertificates(pem);
  if (!certificates.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(base::AbslView(source), ": ", certificates.status().message()));
  }
  auto parts = std::make_unique<Parts>();
  parts->certificates = *std::move(certificates);
  parts->store.reset(X509_STORE_new());
  for (const bssl::UniquePtr<X509>& certificate : parts->certificates) {
    if (parts->store == nullptr ||
        X509_STORE_add_cert(parts->store.get(), certificate.get()) != 1) {
      return absl::InternalError(absl::StrCat(base::AbslView(source), ": ", TakeLibraryError()));
    }
  }
  return std::shared_ptr<const TrustRoots>(new TrustRoots(std::move(parts)));
}

absl::StatusOr<std::shared_ptr<const TrustRoots>> TrustRoots::FromFile(const std::string& path) {
  absl::StatusOr<std::string> pem = ReadPemFile(path);
  if (!pem.ok()) return pem.status();
  return FromPem(*pem, path);
}

size_t TrustRoots::size() const { return parts_->certificates.size(); }

}  // namespace meshlib::tls
