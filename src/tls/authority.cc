// SPDX-License-Identifier: Apache-2.0
#include "tls/authority.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/digest.h>
#include <openssl/ec_key.h>
#include <openssl/evp.h>
#include <openssl/hkdf.h>
#include <openssl/nid.h>
#include <openssl/obj.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "tls/certificate.h"
#include "tls/certificate_list.h"
#include "tls/library_error.h"
#include "tls/private_key_parts.h"
#include "tls/subject_alt_names.h"

namespace meshlib::tls {

struct Authority::Parts {
  std::shared_ptr<const PrivateKey> key;
  bssl::UniquePtr<X509> root;
  std::string root_pem;
};

namespace {

constexpr size_t kLargestRequest = 64 * 1024;

absl::Status Failed(std::string_view what) {
  return absl::InternalError(absl::StrCat(base::AbslView(what), ": ", TakeLibraryError()));
}

absl::Status Refuse(std::string_view source, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(base::AbslView(source), ": ", base::AbslView(what)));
}

std::string ToPem(X509& certificate) {
  const bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
  const uint8_t* data = nullptr;
  size_t size = 0;
  if (bio == nullptr || PEM_write_bio_X509(bio.get(), &certificate) != 1 ||
      BIO_mem_contents(bio.get(), &data, &size) != 1) {
    return "";
  }
  return std::string(reinterpret_cast<const char*>(data), size);
}

// A positive number of 127 bits (RFC 5280 section 4.1.2.2).
bool SetSerial(X509& certificate) {
  std::array<uint8_t, 16> bytes{};
  RAND_bytes(bytes.data(), bytes.size());
  bytes[0] &= 0x7f;
  bytes[15] |= 1;
  const bssl::UniquePtr<BIGNUM> number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
  return number != nullptr &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr;
}

bool SetTimes(X509& certificate, absl::Time not_before, absl::Time not_after) {
  const auto set = [](absl::Time time) {
    return bssl::UniquePtr<ASN1_TIME>(ASN1_TIME_set(nullptr, absl::ToTimeT(time)));
  };
  const bssl::UniquePtr<ASN1_TIME> begin = set(not_before);
  const bssl::UniquePtr<ASN1_TIME> end = set(not_after);
  return begin != nullptr && end != nullptr &&
         X509_set1_notBefore(&certificate, begin.get()) == 1 &&
         X509_set1_notAfter(&certificate, end.get()) == 1;
}

bool AddKeyUsage(X509& certificate, std::initializer_list<int> bits) {
  const bssl::UniquePtr<ASN1_BIT_STRING> usage(ASN1_BIT_STRING_new());
  if (usage == nullptr) return false;
  for (const int bit : bits) {
    if (ASN1_BIT_STRING_set_bit(usage.get(), bit, 1) != 1) return false;
  }
  return X509_add1_ext_i2d(&certificate, NID_key_usage, usage.get(), /*crit=*/1, 0) == 1;
}

bool AddExtendedKeyUsage(X509& certificate) {
  const bssl::UniquePtr<EXTENDED_KEY_USAGE> usages(EXTENDED_KEY_USAGE_new());
  if (usages == nullptr) return false;
  for (const int nid : {NID_server_auth, NID_client_auth}) {
    if (sk_ASN1_OBJECT_push(usages.get(), OBJ_nid2obj(nid)) == 0) return false;
  }
  return X509_add1_ext_i2d(&certificate, NID_ext_key_usage, usages.get(), 0, 0) == 1;
}

// RFC 5280 section 4.2.1.2, by the first of its methods.
bssl::UniquePtr<ASN1_OCTET_STRING> KeyIdOf(const X509& certificate) {
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  bssl::UniquePtr<ASN1_OCTET_STRING> id(ASN1_OCTET_STRING_new());
  if (id == nullptr || X509_pubkey_digest(&certificate, EVP_sha1(), digest.data(), &size) != 1 ||
      ASN1_OCTET_STRING_set(id.get(), digest.data(), static_cast<int>(size)) != 1) {
    return nullptr;
  }
  return id;
}

bool AddAuthorityKeyId(X509& certificate, const X509& root) {
  const bssl::UniquePtr<AUTHORITY_KEYID> id(AUTHORITY_KEYID_new());
  if (id == nullptr) return false;
  id->keyid = KeyIdOf(root).release();
  return id->keyid != nullptr &&
         X509_add1_ext_i2d(&certificate, NID_authority_key_identifier, id.get(), 0, 0) == 1;
}

bool MakeRoot(X509& root, std::string_view organization) {
  const bssl::UniquePtr<BASIC_CONSTRAINTS> constraints(BASIC_CONSTRAINTS_new());
  if (constraints == nullptr) return false;
  constraints->ca = 1;
  X509_NAME* const name = X509_get_subject_name(&root);
  const auto id = KeyIdOf(root);
  return X509_NAME_add_entry_by_NID(name, NID_organizationName, MBSTRING_UTF8,
                                    reinterpret_cast<const uint8_t*>(organization.data()),
                                    static_cast<int>(organization.size()), -1, 0) == 1 &&
         X509_set_issuer_name(&root, name) == 1 && id != nullptr &&
         X509_add1_ext_i2d(&root, NID_basic_constraints, constraints.get(), /*crit=*/1, 0) == 1 &&
         AddKeyUsage(root, {5, 6}) &&  // keyCertSign, cRLSign
         X509_add1_ext_i2d(&root, NID_subject_key_identifier, id.get(), 0, 0) == 1;
}

bool MakeLeaf(X509& leaf, X509& root, const LeafOptions& options) {
  const auto names = MakeGeneralNames(options.names);
  return names != nullptr && X509_set_issuer_name(&leaf, X509_get_subject_name(&root)) == 1 &&
         AddKeyUsage(leaf, {0}) &&  // digitalSignature
         AddExtendedKeyUsage(leaf) && AddAuthorityKeyId(leaf, root) &&
         X509_add1_ext_i2d(&leaf, NID_subject_alt_name, names.get(), /*crit=*/1, 0) == 1;
}

bool IsP256(const EVP_PKEY& key) {
  const EC_KEY* const ec = EVP_PKEY_get0_EC_KEY(&key);
  return ec != nullptr && EC_GROUP_get_curve_name(EC_KEY_get0_group(ec)) == NID_X9_62_prime256v1;
}

bssl::UniquePtr<X509> NewCertificate(EVP_PKEY& key, absl::Time not_before, absl::Time not_after) {
  bssl::UniquePtr<X509> certificate(X509_new());
  if (certificate == nullptr || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      !SetSerial(*certificate) || !SetTimes(*certificate, not_before, not_after) ||
      X509_set_pubkey(certificate.get(), &key) != 1) {
    return nullptr;
  }
  return certificate;
}

absl::StatusOr<std::string> Issue(X509& root, EVP_PKEY& root_key, EVP_PKEY& key,
                                  const LeafOptions& options) {
  const bssl::UniquePtr<X509> leaf = NewCertificate(key, options.not_before, options.not_after);
  if (leaf == nullptr || !MakeLeaf(*leaf, root, options)) return Failed("no certificate");
  if (absl::Status strong = CheckKeyStrength(*leaf); !strong.ok()) {
    return Refuse("signing request", base::StdView(strong.message()));
  }
  if (X509_sign(leaf.get(), &root_key, EVP_sha256()) <= 0) return Failed("no certificate");
  return ToPem(*leaf);
}

}  // namespace

Authority::Authority(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Authority::~Authority() = default;

absl::StatusOr<std::shared_ptr<const Authority>> Authority::Generate(std::string_view organization,
                                                                     absl::Time not_before,
                                                                     absl::Time not_after) {
  auto key = PrivateKey::Generate();
  if (!key.ok()) return key.status();
  EVP_PKEY* const pkey = (*key)->parts().key.get();
  bssl::UniquePtr<X509> root = NewCertificate(*pkey, not_before, not_after);
  if (root == nullptr || !MakeRoot(*root, organization) ||
      X509_sign(root.get(), pkey, EVP_sha256()) <= 0) {
    return Failed("no root certificate");
  }
  auto parts = std::make_unique<Parts>();
  parts->key = *std::move(key);
  parts->root_pem = tls::ToPem(*root);
  parts->root = std::move(root);
  return std::shared_ptr<const Authority>(new Authority(std::move(parts)));
}

absl::StatusOr<std::shared_ptr<const Authority>> Authority::FromPem(std::string_view pem,
                                                                    std::string_view source) {
  auto key = PrivateKey::FromPem(pem, source);
  if (!key.ok()) return key.status();
  auto certificates = ReadCertificates(pem);
  if (!certificates.ok()) return Refuse(source, base::StdView(certificates.status().message()));
  X509& root = *certificates->front();
  const bssl::UniquePtr<EVP_PKEY> public_key(X509_get_pubkey(&root));
  if (public_key == nullptr || EVP_PKEY_cmp(public_key.get(), (*key)->parts().key.get()) != 1) {
    return Refuse(source, "the private key is not that of the certificate");
  }
  if (X509_check_ca(&root) != 1 || !IsP256(*public_key)) {
    return Refuse(source, "the certificate is not that of an authority of ours");
  }
  auto parts = std::make_unique<Parts>();
  parts->key = *std::move(key);
  parts->root_pem = tls::ToPem(root);
  parts->root = std::move(certificates->front());
  return std::shared_ptr<const Authority>(new Authority(std::move(parts)));
}

absl::StatusOr<std::string> Authority::Sign(std::string_view request_pem,
                                            const LeafOptions& options) const {
  if (request_pem.size() > kLargestRequest) return Refuse("signing request", "it is too large");
  const bssl::UniquePtr<BIO> bio(
      BIO_new_mem_buf(request_pem.data(), static_cast<int>(request_pem.size())));
  if (bio == nullptr) return Failed("signing request");
  const bssl::UniquePtr<X509_REQ> request(
      PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
  if (request == nullptr) {
    TakeLibraryError();
    return Refuse("signing request", "it does not decode");
  }
  const bssl::UniquePtr<EVP_PKEY> key(X509_REQ_get_pubkey(request.get()));
  if (key == nullptr || X509_REQ_verify(request.get(), key.get()) != 1) {
    TakeLibraryError();
    return Refuse("signing request", "it is not signed by its own key");
  }
  return Issue(*parts_->root, *parts_->key->parts().key, *key, options);
}

absl::StatusOr<std::string> Authority::SignKey(const PrivateKey& key,
                                               const LeafOptions& options) const {
  return Issue(*parts_->root, *parts_->key->parts().key, *key.parts().key, options);
}

const std::string& Authority::root_pem() const { return parts_->root_pem; }

absl::Time Authority::not_after() const { return NotAfter(*parts_->root); }

std::string Authority::ToPem() const { return parts_->root_pem + parts_->key->ToPem(); }

absl::StatusOr<std::string> Authority::DeriveSecret(std::string_view purpose) const {
  std::array<uint8_t, 32> scalar{};
  const EC_KEY* const key = EVP_PKEY_get0_EC_KEY(parts_->key->parts().key.get());
  std::string secret(32, '\0');
  if (BN_bn2bin_padded(scalar.data(), scalar.size(), EC_KEY_get0_private_key(key)) != 1 ||
      HKDF(reinterpret_cast<uint8_t*>(secret.data()), secret.size(), EVP_sha256(), scalar.data(),
           scalar.size(), nullptr, 0, reinterpret_cast<const uint8_t*>(purpose.data()),
           purpose.size()) != 1) {
    return Failed("no secret");
  }
  OPENSSL_cleanse(scalar.data(), scalar.size());
  return secret;
}

}  // namespace meshlib::tls
