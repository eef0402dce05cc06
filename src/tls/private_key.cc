// SPDX-License-Identifier: Apache-2.0
#include "tls/private_key.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/evp.h>
#include <openssl/nid.h>
#include <openssl/pem.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "tls/library_error.h"
#include "tls/pem.h"
#include "tls/private_key_parts.h"

namespace meshlib::tls {
namespace {

absl::Status KeyError(std::string_view source, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(base::AbslView(source), ": ", base::AbslView(what)));
}

bool IsKey(const PemBlock& block) { return block.label.ends_with("PRIVATE KEY"); }

absl::StatusOr<bssl::UniquePtr<EVP_PKEY>> DecodeKey(const PemBlock& block,
                                                    std::string_view source) {
  if (block.encrypted) return KeyError(source, "the private key is encrypted; store it decrypted");
  const auto* der = reinterpret_cast<const uint8_t*>(block.der.data());
  bssl::UniquePtr<EVP_PKEY> key(
      d2i_AutoPrivateKey(nullptr, &der, static_cast<long>(block.der.size())));
  if (key == nullptr) {
    return KeyError(source,
                    absl::StrCat("the private key does not decode (", TakeLibraryError(), ")"));
  }
  const int kind = EVP_PKEY_id(key.get());
  if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_EC) {
    return KeyError(source, "the private key is neither RSA nor on an elliptic curve of the NIST");
  }
  return key;
}

}  // namespace

PrivateKey::PrivateKey(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

PrivateKey::~PrivateKey() = default;

absl::StatusOr<std::shared_ptr<const PrivateKey>> PrivateKey::Generate() {
  bssl::UniquePtr<EC_KEY> ec(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  if (ec == nullptr || key == nullptr || EC_KEY_generate_key(ec.get()) != 1 ||
      EVP_PKEY_set1_EC_KEY(key.get(), ec.get()) != 1) {
    return absl::InternalError(absl::StrCat("no key: ", TakeLibraryError()));
  }
  return std::make_shared<const PrivateKey>(std::make_unique<Parts>(Parts{std::move(key)}));
}

absl::StatusOr<std::shared_ptr<const PrivateKey>> PrivateKey::FromPem(std::string_view pem,
                                                                      std::string_view source) {
  absl::StatusOr<std::vector<PemBlock>> blocks = ReadPem(pem);
  if (!blocks.ok()) return KeyError(source, base::StdView(blocks.status().message()));
  const PemBlock* found = nullptr;
  for (const PemBlock& block : *blocks) {
    if (!IsKey(block)) continue;
    if (found != nullptr) return KeyError(source, "there is more than one private key");
    found = &block;
  }
  if (found == nullptr) return KeyError(source, "there is no private key in PEM");
  absl::StatusOr<bssl::UniquePtr<EVP_PKEY>> key = DecodeKey(*found, source);
  if (!key.ok()) return key.status();
  return std::make_shared<const PrivateKey>(std::make_unique<Parts>(Parts{*std::move(key)}));
}

std::string PrivateKey::ToPem() const {
  const bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
  const uint8_t* data = nullptr;
  size_t size = 0;
  if (bio == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), parts_->key.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) != 1 ||
      BIO_mem_contents(bio.get(), &data, &size) != 1) {
    return "";
  }
  return std::string(reinterpret_cast<const char*>(data), size);
}

}  // namespace meshlib::tls
