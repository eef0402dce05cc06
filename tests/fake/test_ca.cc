// SPDX-License-Identifier: Apache-2.0
#include "fake/test_ca.h"

#include <arpa/inet.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec_key.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/nid.h>
#include <openssl/obj.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace meshlib::fake {
namespace {

// For what tests do wrong, not peers.
void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "TestCa: %s: %s\n", what, ERR_reason_error_string(ERR_peek_error()));
  std::abort();
}

bssl::UniquePtr<EVP_PKEY> MakeRsaKey(int bits) {
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  bssl::UniquePtr<RSA> rsa(RSA_new());
  bssl::UniquePtr<BIGNUM> exponent(BN_new());
  Require(BN_set_word(exponent.get(), RSA_F4) == 1 &&
              RSA_generate_key_ex(rsa.get(), bits, exponent.get(), nullptr) == 1 &&
              EVP_PKEY_set1_RSA(key.get(), rsa.get()) == 1,
          "RSA key");
  return key;
}

bssl::UniquePtr<EVP_PKEY> MakeKey(TestKey kind) {
  if (kind != TestKey::kP256) return MakeRsaKey(kind == TestKey::kRsa1024 ? 1024 : 2048);
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  bssl::UniquePtr<EC_KEY> ec(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  Require(EC_KEY_generate_key(ec.get()) == 1 && EVP_PKEY_set1_EC_KEY(key.get(), ec.get()) == 1,
          "P-256 key");
  return key;
}

void SetTime(ASN1_TIME* field, absl::Time time) {
  Require(ASN1_TIME_set(field, absl::ToTimeT(time)) != nullptr, "time");
}

void SetSerial(X509* certificate) {
  bssl::UniquePtr<BIGNUM> number(BN_new());
  Require(BN_rand(number.get(), 120, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
              BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr,
          "serial number");
}

void SetSubject(X509* certificate, const std::string& common_name) {
  if (common_name.empty()) return;
  Require(
      X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8,
                                 reinterpret_cast<const uint8_t*>(common_name.data()),
                                 static_cast<int>(common_name.size()), -1, 0) == 1,
      "subject");
}

bssl::UniquePtr<ASN1_STRING> MakeString(int type, const std::string& bytes) {
  bssl::UniquePtr<ASN1_STRING> text(ASN1_STRING_type_new(type));
  Require(ASN1_STRING_set(text.get(), bytes.data(), static_cast<int>(bytes.size())) == 1, "name");
  return text;
}

void SetOtherName(GENERAL_NAME* name, const std::string& bytes) {
  bssl::UniquePtr<ASN1_TYPE> value(ASN1_TYPE_new());
  ASN1_TYPE_set(value.get(), V_ASN1_UTF8STRING, MakeString(V_ASN1_UTF8STRING, bytes).release());
  bssl::UniquePtr<ASN1_OBJECT> kind(OBJ_txt2obj("1.3.6.1.4.1.311.20.2.3", 1));
  Require(GENERAL_NAME_set0_othername(name, kind.release(), value.release()) == 1, "otherName");
}

bssl::UniquePtr<GENERAL_NAME> MakeName(const TestName& name) {
  bssl::UniquePtr<GENERAL_NAME> made(GENERAL_NAME_new());
  switch (name.type) {
    case TestName::Type::kDns:
      GENERAL_NAME_set0_value(made.get(), GEN_DNS,
                              MakeString(V_ASN1_IA5STRING, name.bytes).release());
      break;
    case TestName::Type::kUri:
      GENERAL_NAME_set0_value(made.get(), GEN_URI,
                              MakeString(V_ASN1_IA5STRING, name.bytes).release());
      break;
    case TestName::Type::kEmail:
      GENERAL_NAME_set0_value(made.get(), GEN_EMAIL,
                              MakeString(V_ASN1_IA5STRING, name.bytes).release());
      break;
    case TestName::Type::kIpAddress:
      GENERAL_NAME_set0_value(made.get(), GEN_IPADD,
                              MakeString(V_ASN1_OCTET_STRING, name.bytes).release());
      break;
    case TestName::Type::kOtherName:
      SetOtherName(made.get(), name.bytes);
      break;
  }
  return made;
}

void AddExtension(X509* certificate, int nid, void* value, bool critical) {
  Require(X509_add1_ext_i2d(certificate, nid, value, critical ? 1 : 0, 0) == 1, OBJ_nid2sn(nid));
}

void AddNames(X509* certificate, const TestCertificate& says) {
  if (says.names.empty()) return;
  bssl::UniquePtr<GENERAL_NAMES> names(sk_GENERAL_NAME_new_null());
  for (const TestName& name : says.names) {
    Require(bssl::PushToStack(names.get(), MakeName(name)), "names");
  }
  AddExtension(certificate, NID_subject_alt_name, names.get(), says.names_critical);
}

void AddBasicConstraints(X509* certificate, const TestCertificate& says, bool authority) {
  bssl::UniquePtr<BASIC_CONSTRAINTS> constraints(BASIC_CONSTRAINTS_new());
  constraints->ca = authority ? 0xff : 0;
  if (says.path_length.has_value()) {
    constraints->pathlen = ASN1_INTEGER_new();
    ASN1_INTEGER_set(constraints->pathlen, *says.path_length);
  }
  AddExtension(certificate, NID_basic_constraints, constraints.get(), true);
}

void AddUsages(X509* certificate, const TestCertificate& says, bool authority) {
  const std::vector<TestUsage> usual = authority
                                           ? std::vector{TestUsage::kCertSign, TestUsage::kCrlSign}
                                           : std::vector{TestUsage::kDigitalSignature};
  const std::vector<TestUsage> usages = says.usages.value_or(usual);
  if (usages.empty()) return;
  bssl::UniquePtr<ASN1_BIT_STRING> bits(ASN1_BIT_STRING_new());
  for (const TestUsage usage : usages) {
    ASN1_BIT_STRING_set_bit(bits.get(), static_cast<int>(usage), 1);
  }
  AddExtension(certificate, NID_key_usage, bits.get(), says.usages_critical);
}

void AddExtendedUsages(X509* certificate, const TestCertificate& says, bool authority) {
  const std::vector<std::string> usual =
      authority ? std::vector<std::string>{} : std::vector<std::string>{"serverAuth", "clientAuth"};
  const std::vector<std::string> names = says.extended_usages.value_or(usual);
  if (names.empty()) return;
  bssl::UniquePtr<EXTENDED_KEY_USAGE> usages(sk_ASN1_OBJECT_new_null());
  for (const std::string& name : names) {
    bssl::UniquePtr<ASN1_OBJECT> object(OBJ_txt2obj(name.c_str(), 0));
    Require(object != nullptr && bssl::PushToStack(usages.get(), std::move(object)), "EKU");
  }
  AddExtension(certificate, NID_ext_key_usage, usages.get(), false);
}

// Null: there are no names.
STACK_OF(GENERAL_SUBTREE) * MakeSubtrees(const std::vector<TestName>& names) {
  if (names.empty()) return nullptr;
  STACK_OF(GENERAL_SUBTREE)* subtrees = sk_GENERAL_SUBTREE_new_null();
  for (const TestName& name : names) {
    GENERAL_SUBTREE* subtree = GENERAL_SUBTREE_new();
    GENERAL_NAME_free(subtree->base);
    subtree->base = MakeName(name).release();
    Require(sk_GENERAL_SUBTREE_push(subtrees, subtree) != 0, "constraints");
  }
  return subtrees;
}

void AddNameConstraints(X509* certificate, const TestCertificate& says) {
  if (says.permitted.empty() && says.excluded.empty()) return;
  bssl::UniquePtr<NAME_CONSTRAINTS> constraints(NAME_CONSTRAINTS_new());
  constraints->permittedSubtrees = MakeSubtrees(says.permitted);
  constraints->excludedSubtrees = MakeSubtrees(says.excluded);
  AddExtension(certificate, NID_name_constraints, constraints.get(), true);
}

void AddKeyIds(X509* certificate, X509* issuer) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  bssl::UniquePtr<X509_EXTENSION> own(
      X509V3_EXT_nconf_nid(nullptr, &context, NID_subject_key_identifier, "hash"));
  Require(own != nullptr && X509_add_ext(certificate, own.get(), -1) == 1, "subject key id");
  if (issuer == certificate) return;
  bssl::UniquePtr<X509_EXTENSION> parent(
      X509V3_EXT_nconf_nid(nullptr, &context, NID_authority_key_identifier, "keyid"));
  Require(parent != nullptr && X509_add_ext(certificate, parent.get(), -1) == 1,
          "authority key id");
}

// `issuer` null: it signs itself.
bssl::UniquePtr<X509> MakeCertificate(const TestCertificate& says, bool authority, EVP_PKEY* key,
                                      X509* issuer, EVP_PKEY* issuer_key) {
  bssl::UniquePtr<X509> made(X509_new());
  X509* certificate = made.get();
  Require(X509_set_version(certificate, X509_VERSION_3) == 1, "version");
  SetSerial(certificate);
  SetTime(X509_getm_notBefore(certificate), says.not_before);
  SetTime(X509_getm_notAfter(certificate), says.not_after);
  SetSubject(certificate, says.common_name);
  Require(X509_set_pubkey(certificate, key) == 1, "public key");
  X509* signer = issuer == nullptr ? certificate : issuer;
  Require(X509_set_issuer_name(certificate, X509_get_subject_name(signer)) == 1, "issuer");
  AddBasicConstraints(certificate, says, authority);
  AddUsages(certificate, says, authority);
  AddExtendedUsages(certificate, says, authority);
  AddNames(certificate, says);
  AddNameConstraints(certificate, says);
  AddKeyIds(certificate, signer);
  const EVP_MD* hash = says.hash == TestHash::kSha1 ? EVP_sha1() : EVP_sha256();
  Require(X509_sign(certificate, issuer_key == nullptr ? key : issuer_key, hash) > 0, "signature");
  return made;
}

std::string TakeText(BIO* bio) {
  const uint8_t* data = nullptr;
  size_t size = 0;
  Require(BIO_mem_contents(bio, &data, &size) == 1, "PEM");
  return std::string(reinterpret_cast<const char*>(data), size);
}

std::string PemOf(X509* certificate) {
  bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
  Require(PEM_write_bio_X509(bio.get(), certificate) == 1, "PEM");
  return TakeText(bio.get());
}

std::string PemOf(EVP_PKEY* key) {
  bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
  Require(PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "PEM");
  return TakeText(bio.get());
}

}  // namespace

TestName Ip(std::string_view address) {
  std::array<char, sizeof(in6_addr)> bytes{};
  const std::string text(address);
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
    return {TestName::Type::kIpAddress, std::string(bytes.data(), sizeof(in_addr))};
  }
  Require(inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1, "no IP address");
  return {TestName::Type::kIpAddress, std::string(bytes.data(), bytes.size())};
}

std::shared_ptr<const tls::KeyPair> TestIdentity::pair() const {
  absl::StatusOr<std::shared_ptr<const tls::KeyPair>> pair =
      tls::KeyPair::FromPem(chain_pem, key_pem, "TestCa");
  if (!pair.ok()) std::fprintf(stderr, "%s\n", pair.status().ToString().c_str());
  Require(pair.ok(), "key pair");
  return *pair;
}

struct TestCa::Parts {
  bssl::UniquePtr<X509> certificate;
  bssl::UniquePtr<EVP_PKEY> key;
  std::string pem;
  std::string intermediates_pem;  // what leaves show besides themselves
};

TestCa TestCa::Root(TestCertificate says) {
  auto parts = std::make_shared<Parts>();
  parts->key = MakeKey(says.key);
  parts->certificate =
      MakeCertificate(says, says.authority.value_or(true), parts->key.get(), nullptr, nullptr);
  parts->pem = PemOf(parts->certificate.get());
  return TestCa(std::move(parts));
}

TestIdentity TestCa::SelfSigned(const TestCertificate& says) {
  const bssl::UniquePtr<EVP_PKEY> key = MakeKey(says.key);
  const bssl::UniquePtr<X509> certificate =
      MakeCertificate(says, says.authority.value_or(false), key.get(), nullptr, nullptr);
  return {PemOf(certificate.get()), PemOf(key.get())};
}

TestCa TestCa::Intermediate(TestCertificate says) const {
  auto parts = std::make_shared<Parts>();
  parts->key = MakeKey(says.key);
  parts->certificate = MakeCertificate(says, says.authority.value_or(true), parts->key.get(),
                                       parts_->certificate.get(), parts_->key.get());
  parts->pem = PemOf(parts->certificate.get());
  parts->intermediates_pem = parts->pem + parts_->intermediates_pem;
  return TestCa(std::move(parts));
}

TestIdentity TestCa::Leaf(const TestCertificate& says) const {
  const bssl::UniquePtr<EVP_PKEY> key = MakeKey(says.key);
  const bssl::UniquePtr<X509> certificate =
      MakeCertificate(says, says.authority.value_or(false), key.get(), parts_->certificate.get(),
                      parts_->key.get());
  return {PemOf(certificate.get()) + parts_->intermediates_pem, PemOf(key.get())};
}

TestIdentity TestCa::Workload(std::string_view spiffe_id) const {
  return Leaf({.names = {Uri(spiffe_id)}, .names_critical = true});
}

const std::string& TestCa::pem() const { return parts_->pem; }

std::shared_ptr<const tls::TrustRoots> TestCa::roots() const {
  absl::StatusOr<std::shared_ptr<const tls::TrustRoots>> roots =
      tls::TrustRoots::FromPem(parts_->pem, "TestCa");
  Require(roots.ok(), "roots");
  return *roots;
}

}  // namespace meshlib::fake
