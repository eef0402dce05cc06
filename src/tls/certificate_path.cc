// SPDX-License-Identifier: Apache-2.0
#include "tls/certificate_path.h"

#include <openssl/ssl.h>
#include <openssl/stack.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "tls/certificate.h"
#include "tls/library_error.h"
#include "tls/name_constraints.h"
#include "tls/trust_roots_parts.h"

namespace meshlib::tls {
namespace {

PathVerdict Refuse(std::string_view what, X509* certificate, uint8_t alert) {
  std::string text(what);
  if (certificate != nullptr) absl::StrAppend(&text, " (", DescribeCertificate(*certificate), ")");
  return {.status = absl::UnauthenticatedError(text), .alert = alert};
}

constexpr std::string_view kSelfSigned =
    "certificate is self-signed and not among the trusted roots";

bool IsSelfIssued(const X509& certificate) {
  return X509_NAME_cmp(X509_get_subject_name(&certificate), X509_get_issuer_name(&certificate)) ==
         0;
}

std::string Cause(int error, X509* certificate, absl::Time now) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      if (certificate == nullptr) break;
      return absl::StrCat("certificate expired ", Roughly(now - NotAfter(*certificate)), " ago");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      if (certificate == nullptr) break;
      return absl::StrCat("certificate is not valid before ",
                          Roughly(NotBefore(*certificate) - now), " from now");
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return std::string(kSelfSigned);
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "certificate chain ends in a root that is not trusted";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
      if (certificate != nullptr && IsSelfIssued(*certificate)) return std::string(kSelfSigned);
      return "certificate is of an authority that is not trusted, or intermediates are missing";
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "certificate's signature is wrong";
    case X509_V_ERR_INVALID_CA:
      return "certificate signs another one and is no authority";
    case X509_V_ERR_INVALID_PURPOSE:
      return "certificate's key usages do not allow this";
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
      return "certificate chain is too long";
    default:
      break;
  }
  return absl::StrCat("certificate is not valid: ", X509_verify_cert_error_string(error));
}

// What BoringSSL does not ask of each certificate of a valid path.
PathVerdict CheckStrength(const STACK_OF(X509) & path) {
  const size_t size = sk_X509_num(&path);
  for (size_t i = 0; i < size; ++i) {
    X509* certificate = sk_X509_value(&path, i);
    absl::Status status = CheckKeyStrength(*certificate);
    // A root is trusted for what it is, not for who signed it.
    if (status.ok() && (i + 1 < size || size == 1)) status = CheckSignatureStrength(*certificate);
    if (!status.ok()) {
      return Refuse(absl::StrCat("certificate is too weak: ", status.message()), certificate,
                    SSL_AD_BAD_CERTIFICATE);
    }
  }
  return {};
}

// RFC 5280 section 6.1.4 (k) to (o), for trusted intermediates and roots too, which BoringSSL
// passes.
PathVerdict CheckAuthorities(const STACK_OF(X509) & path) {
  long below = 0;  // intermediates that are not self-issued
  for (size_t i = 1; i < sk_X509_num(&path); ++i) {
    X509* certificate = sk_X509_value(&path, i);
    if (X509_check_ca(certificate) == 0) {
      return Refuse(Cause(X509_V_ERR_INVALID_CA, certificate, {}), certificate,
                    SSL_AD_BAD_CERTIFICATE);
    }
    const uint32_t flags = X509_get_extension_flags(certificate);
    if ((flags & EXFLAG_CRITICAL) != 0) {
      return Refuse(Cause(X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, certificate, {}), certificate,
                    SSL_AD_BAD_CERTIFICATE);
    }
    const long limit = X509_get_pathlen(certificate);
    if (limit >= 0 && below > limit) {
      return Refuse(Cause(X509_V_ERR_PATH_LENGTH_EXCEEDED, certificate, {}), certificate,
                    SSL_AD_BAD_CERTIFICATE);
    }
    if ((flags & EXFLAG_SI) == 0) ++below;
  }
  return {};
}

PathVerdict Validity(const STACK_OF(X509) & path) {
  PathVerdict verdict;
  for (size_t i = 0; i < sk_X509_num(&path); ++i) {
    const X509* certificate = sk_X509_value(&path, i);
    verdict.not_before = std::max(verdict.not_before, NotBefore(*certificate));
    verdict.not_after = std::min(verdict.not_after, NotAfter(*certificate));
  }
  return verdict;
}

// Borrows the certificates behind the leaf.
bssl::UniquePtr<STACK_OF(X509)> Intermediates(const CertificateList& chain) {
  bssl::UniquePtr<STACK_OF(X509)> stack(sk_X509_new_null());
  for (size_t i = 1; stack != nullptr && i < chain.size(); ++i) {
    if (!bssl::PushToStack(stack.get(), bssl::UpRef(chain[i]))) stack.reset();
  }
  return stack;
}

PathVerdict Verify(const CertificateList& chain, STACK_OF(X509) & intermediates,
                   const TrustRoots& roots, PeerRole role, absl::Time now) {
  const bssl::UniquePtr<X509_STORE_CTX> search(X509_STORE_CTX_new());
  if (search == nullptr || X509_STORE_CTX_init(search.get(), roots.parts().store.get(),
                                               chain.front().get(), &intermediates) != 1) {
    return Refuse(absl::StrCat("certificate cannot be verified: ", TakeLibraryError()), nullptr,
                  SSL_AD_INTERNAL_ERROR);
  }
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(search.get());
  // Every certificate of the roots is an anchor, whoever signed it.
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_depth(rules, static_cast<int>(kMaxChain));
  X509_VERIFY_PARAM_set_time(rules, absl::ToTimeT(now));
  X509_STORE_CTX_set_purpose(
      search.get(), role == PeerRole::kServer ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT);
  if (X509_verify_cert(search.get()) != 1) {
    const int error = X509_STORE_CTX_get_error(search.get());
    X509* blamed = X509_STORE_CTX_get_current_cert(search.get());
    return Refuse(Cause(error, blamed, now), blamed,
                  static_cast<uint8_t>(SSL_alert_from_verify_result(error)));
  }
  const STACK_OF(X509)& path = *X509_STORE_CTX_get0_chain(search.get());
  if (PathVerdict verdict = CheckAuthorities(path); !verdict.status.ok()) return verdict;
  if (PathVerdict verdict = CheckStrength(path); !verdict.status.ok()) return verdict;
  if (const absl::Status names = CheckWildcards(path); !names.ok()) {
    return Refuse(absl::StrCat("certificate is refused: ", names.message()), chain.front().get(),
                  SSL_AD_BAD_CERTIFICATE);
  }
  return Validity(path);
}

}  // namespace

PathVerdict VerifyPath(const CertificateList& chain, const TrustRoots& roots, PeerRole role,
                       absl::Time now) {
  const bssl::UniquePtr<STACK_OF(X509)> intermediates = Intermediates(chain);
  if (intermediates == nullptr) {
    return Refuse("certificate cannot be verified: no memory", nullptr, SSL_AD_INTERNAL_ERROR);
  }
  PathVerdict verdict = Verify(chain, *intermediates, roots, role, now);
  TakeLibraryError();
  return verdict;
}

}  // namespace meshlib::tls
