// SPDX-License-Identifier: Apache-2.0
#include "tls/signing_request.h"

#include <openssl/bio.h>
#include <openssl/digest.h>
#include <openssl/nid.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "absl/strings/str_cat.h"
#include "tls/library_error.h"
#include "tls/private_key_parts.h"
#include "tls/subject_alt_names.h"

namespace meshlib::tls {
namespace {

struct FreeExtensions {
  void operator()(STACK_OF(X509_EXTENSION) * list) const {
    sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
  }
};

bool AddUri(X509_REQ& request, std::string_view uri) {
  const auto names =
      MakeGeneralNames({{.type = SubjectAltName::Type::kUri, .value = std::string(uri)}});
  if (names == nullptr) return false;
  bssl::UniquePtr<X509_EXTENSION> extension(
      X509V3_EXT_i2d(NID_subject_alt_name, /*crit=*/1, names.get()));
  const std::unique_ptr<STACK_OF(X509_EXTENSION), FreeExtensions> list(
      sk_X509_EXTENSION_new_null());
  if (extension == nullptr || list == nullptr) return false;
  return bssl::PushToStack(list.get(), std::move(extension)) &&
         X509_REQ_add_extensions(&request, list.get()) == 1;
}

}  // namespace

absl::StatusOr<std::string> MakeSigningRequest(const PrivateKey& key, std::string_view uri) {
  const bssl::UniquePtr<X509_REQ> request(X509_REQ_new());
  const bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
  EVP_PKEY* const pkey = key.parts().key.get();
  const uint8_t* data = nullptr;
  size_t size = 0;
  if (request == nullptr || bio == nullptr || !AddUri(*request, uri) ||
      X509_REQ_set_version(request.get(), 0) != 1 ||
      X509_REQ_set_pubkey(request.get(), pkey) != 1 ||
      X509_REQ_sign(request.get(), pkey, EVP_sha256()) <= 0 ||
      PEM_write_bio_X509_REQ(bio.get(), request.get()) != 1 ||
      BIO_mem_contents(bio.get(), &data, &size) != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("no signing request for \"", std::string(uri), "\": ", TakeLibraryError()));
  }
  return std::string(reinterpret_cast<const char*>(data), size);
}

}  // namespace meshlib::tls
