// SPDX-License-Identifier: Apache-2.0
#include "tls/certificate.h"

#include <arpa/inet.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/digest.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/evp.h>
#include <openssl/mem.h>
#include <openssl/nid.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"

namespace meshlib::tls {
namespace {

constexpr size_t kDescribedNames = 4;
constexpr size_t kDescribedBytes = 200;
constexpr int kLeastRsaBits = 2048;
constexpr uint32_t kAbsent = UINT32_MAX;  // of X509_get_key_usage and its sister

std::string TakeText(BIO& bio) {
  const uint8_t* data = nullptr;
  size_t size = 0;
  if (BIO_mem_contents(&bio, &data, &size) != 1) return "";
  return std::string(reinterpret_cast<const char*>(data), size);
}

std::string NameText(const X509_NAME& name) {
  const bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || X509_NAME_print_ex(bio.get(), &name, 0, XN_FLAG_RFC2253) < 0) return "";
  return TakeText(*bio);
}

std::string PemText(X509& certificate) {
  const bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || PEM_write_bio_X509(bio.get(), &certificate) != 1) return "";
  return TakeText(*bio);
}

std::string Sha256Text(X509& certificate) {
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  unsigned size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest.data(), &size) != 1) return "";
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

absl::Time TimeOf(const ASN1_TIME& time) {
  const bssl::UniquePtr<ASN1_TIME> epoch(ASN1_TIME_set(nullptr, 0));
  int days = 0;
  int seconds = 0;
  if (epoch == nullptr || ASN1_TIME_diff(&days, &seconds, epoch.get(), &time) != 1) {
    return absl::InfinitePast();
  }
  return absl::FromUnixSeconds(int64_t{days} * 86400 + seconds);
}

std::string_view BytesOf(const ASN1_STRING& text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(&text)),
          static_cast<size_t>(ASN1_STRING_length(&text))};
}

absl::StatusOr<SubjectAltName> ReadText(SubjectAltName::Type type, const ASN1_STRING& text) {
  const std::string_view bytes = BytesOf(text);
  if (bytes.find('\0') != std::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat("a subjectAltName has a NUL byte: \"",
                                                   absl::CHexEscape(base::AbslView(bytes)), "\""));
  }
  return SubjectAltName{type, std::string(bytes)};
}

absl::StatusOr<SubjectAltName> ReadAddress(const ASN1_STRING& text) {
  const std::string_view bytes = BytesOf(text);
  if (bytes.size() != 4 && bytes.size() != 16) {
    return absl::InvalidArgumentError(
        absl::StrCat("a subjectAltName has an IP address of ", bytes.size(), " bytes"));
  }
  std::array<char, INET6_ADDRSTRLEN> address{};
  inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), address.data(), address.size());
  return SubjectAltName{SubjectAltName::Type::kIpAddress, address.data()};
}

absl::StatusOr<SubjectAltName> ReadName(const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_DNS:
      return ReadText(SubjectAltName::Type::kDns, *name.d.dNSName);
    case GEN_URI:
      return ReadText(SubjectAltName::Type::kUri, *name.d.uniformResourceIdentifier);
    case GEN_EMAIL:
      return ReadText(SubjectAltName::Type::kEmail, *name.d.rfc822Name);
    case GEN_IPADD:
      return ReadAddress(*name.d.iPAddress);
    default:
      return SubjectAltName{};
  }
}

absl::Status ReadNames(const X509& certificate, PeerCertificate* peer) {
  int critical = -1;
  const bssl::UniquePtr<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, &critical, nullptr)));
  if (names == nullptr) {
    if (critical == -1) return absl::OkStatus();  // it has none
    return absl::InvalidArgumentError("its subjectAltName extension is broken, or there are two");
  }
  peer->names_critical = critical == 1;
  for (size_t i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    absl::StatusOr<SubjectAltName> name = ReadName(*sk_GENERAL_NAME_value(names.get(), i));
    if (!name.ok()) return name.status();
    peer->names.push_back(*std::move(name));
  }
  return absl::OkStatus();
}

bool IsCritical(const X509& certificate, int nid) {
  const int at = X509_get_ext_by_NID(&certificate, nid, -1);
  return at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(&certificate, at)) == 1;
}

void ReadUsages(X509& certificate, PeerCertificate* peer) {
  peer->is_authority = (X509_get_extension_flags(&certificate) & EXFLAG_CA) != 0;
  const uint32_t usage = X509_get_key_usage(&certificate);
  if (usage != kAbsent) {
    peer->key_usage = KeyUsage{.critical = IsCritical(certificate, NID_key_usage),
                               .digital_signature = (usage & KU_DIGITAL_SIGNATURE) != 0,
                               .certificate_sign = (usage & KU_KEY_CERT_SIGN) != 0,
                               .crl_sign = (usage & KU_CRL_SIGN) != 0};
  }
  const uint32_t extended = X509_get_extended_key_usage(&certificate);
  if (extended != kAbsent) {
    peer->extended_key_usage =
        ExtendedKeyUsage{.server_authentication = (extended & XKU_SSL_SERVER) != 0,
                         .client_authentication = (extended & XKU_SSL_CLIENT) != 0};
  }
}

std::string_view Prefix(SubjectAltName::Type type) {
  switch (type) {
    case SubjectAltName::Type::kDns:
      return "DNS ";
    case SubjectAltName::Type::kUri:
      return "URI ";
    case SubjectAltName::Type::kEmail:
      return "email ";
    case SubjectAltName::Type::kIpAddress:
      return "IP ";
    case SubjectAltName::Type::kOther:
      break;
  }
  return "other name";
}

// Peers choose these bytes, and logs show them.
std::string Harmless(std::string_view text) {
  std::string shown = absl::CHexEscape(base::AbslView(text.substr(0, kDescribedBytes)));
  if (text.size() > kDescribedBytes) shown += "...";
  return shown;
}

bool IsStrongCurve(const EVP_PKEY& key) {
  const EC_KEY* ec = EVP_PKEY_get0_EC_KEY(&key);
  if (ec == nullptr) return false;
  const int curve = EC_GROUP_get_curve_name(EC_KEY_get0_group(ec));
  return curve == NID_X9_62_prime256v1 || curve == NID_secp384r1 || curve == NID_secp521r1;
}

}  // namespace

absl::StatusOr<PeerCertificate> ReadCertificate(X509& certificate) {
  PeerCertificate peer;
  if (absl::Status status = ReadNames(certificate, &peer); !status.ok()) return status;
  if ((X509_get_extension_flags(&certificate) & EXFLAG_INVALID) != 0) {
    return absl::InvalidArgumentError("an extension of it is broken");
  }
  ReadUsages(certificate, &peer);
  peer.subject = NameText(*X509_get_subject_name(&certificate));
  peer.issuer = NameText(*X509_get_issuer_name(&certificate));
  peer.sha256 = Sha256Text(certificate);
  peer.leaf_pem = PemText(certificate);
  peer.not_after = NotAfter(certificate);
  return peer;
}

std::string DescribeCertificate(X509& certificate) {
  PeerCertificate peer;
  ReadNames(certificate, &peer).IgnoreError();  // whoever shows it has better things to say
  std::string text = Harmless(NameText(*X509_get_subject_name(&certificate)));
  const size_t shown = std::min(peer.names.size(), kDescribedNames);
  for (size_t i = 0; i < shown; ++i) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", base::AbslView(Prefix(peer.names[i].type)),
                    Harmless(peer.names[i].value));
  }
  if (peer.names.size() > shown) {
    absl::StrAppend(&text, " and ", peer.names.size() - shown, " more names");
  }
  absl::StrAppend(&text, text.empty() ? "" : ", ", "issued by ",
                  Harmless(NameText(*X509_get_issuer_name(&certificate))));
  return text;
}

absl::Time NotBefore(const X509& certificate) { return TimeOf(*X509_get0_notBefore(&certificate)); }

absl::Time NotAfter(const X509& certificate) { return TimeOf(*X509_get0_notAfter(&certificate)); }

absl::Status CheckKeyStrength(X509& certificate) {
  const bssl::UniquePtr<EVP_PKEY> key(X509_get_pubkey(&certificate));
  if (key == nullptr) return absl::InvalidArgumentError("it has a key of an unknown kind");
  if (EVP_PKEY_id(key.get()) == EVP_PKEY_RSA) {
    const int bits = EVP_PKEY_bits(key.get());
    if (bits >= kLeastRsaBits) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("it has an RSA key of ", bits, " bits, less than ", kLeastRsaBits));
  }
  if (EVP_PKEY_id(key.get()) == EVP_PKEY_EC && IsStrongCurve(*key)) return absl::OkStatus();
  return absl::InvalidArgumentError("its key is neither RSA nor on P-256, P-384 or P-521");
}

absl::Status CheckSignatureStrength(const X509& certificate) {
  switch (const int nid = X509_get_signature_nid(&certificate)) {
    case NID_sha256WithRSAEncryption:
    case NID_sha384WithRSAEncryption:
    case NID_sha512WithRSAEncryption:
    case NID_rsassaPss:
    case NID_ecdsa_with_SHA256:
    case NID_ecdsa_with_SHA384:
    case NID_ecdsa_with_SHA512:
      return absl::OkStatus();
    default: {
      const char* name = OBJ_nid2sn(nid);
      return absl::InvalidArgumentError(
          absl::StrCat("it is signed with ", name != nullptr ? name : "an unknown algorithm"));
    }
  }
}

std::string Roughly(absl::Duration duration) {
  const int64_t seconds = absl::ToInt64Seconds(duration);
  if (seconds < 120) return absl::StrCat(seconds, " s");
  if (seconds < 7200) return absl::StrCat(seconds / 60, " min");
  if (seconds < 172800) return absl::StrCat(seconds / 3600, " h");
  return absl::StrCat(seconds / 86400, " d");
}

}  // namespace meshlib::tls
