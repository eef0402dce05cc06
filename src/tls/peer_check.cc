// SPDX-License-Identifier: Apache-2.0
#include "tls/peer_check.h"

#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "tls/certificate.h"
#include "tls/library_error.h"
#include "tls/spiffe.h"

namespace meshlib::tls {
namespace {

PeerCheck::Verdict Refuse(std::string_view what, uint8_t alert) {
  return {.status = absl::UnauthenticatedError(base::AbslView(what)), .alert = alert};
}

std::string HashOf(const STACK_OF(CRYPTO_BUFFER) & chain) {
  SHA256_CTX hash;
  SHA256_Init(&hash);
  for (size_t i = 0; i < sk_CRYPTO_BUFFER_num(&chain); ++i) {
    const CRYPTO_BUFFER* der = sk_CRYPTO_BUFFER_value(&chain, i);
    // With its size, so that certificates do not run into each other.
    const uint64_t size = CRYPTO_BUFFER_len(der);
    SHA256_Update(&hash, &size, sizeof(size));
    SHA256_Update(&hash, CRYPTO_BUFFER_data(der), size);
  }
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256_Final(digest.data(), &hash);
  return std::string(digest.begin(), digest.end());
}

absl::StatusOr<CertificateList> DecodeChain(const STACK_OF(CRYPTO_BUFFER) & chain) {
  CertificateList certificates;
  for (size_t i = 0; i < sk_CRYPTO_BUFFER_num(&chain); ++i) {
    bssl::UniquePtr<X509> certificate(X509_parse_from_buffer(sk_CRYPTO_BUFFER_value(&chain, i)));
    if (certificate == nullptr) {
      TakeLibraryError();
      return absl::InvalidArgumentError(
          absl::StrCat("certificate ", i + 1, " of the chain does not decode"));
    }
    certificates.push_back(std::move(certificate));
  }
  return certificates;
}

// The roots of the trust domain of the ID of `peer`.
absl::StatusOr<const TrustRoots*> RootsOf(const SpiffeBundles& bundles,
                                          const PeerCertificate& peer) {
  const absl::StatusOr<SpiffeId> id = ReadSvid(peer);
  if (!id.ok()) return id.status();
  const auto found = bundles.find(id->trust_domain);
  if (found != bundles.end() && found->second != nullptr) return found->second.get();
  return absl::InvalidArgumentError(
      absl::StrCat("there are no roots for the trust domain of ", id->ToString()));
}

}  // namespace

PeerCheck::PeerCheck(PeerPolicy policy) : policy_(std::move(policy)) {}

PeerCheck::Verdict PeerCheck::Check(const STACK_OF(CRYPTO_BUFFER) * chain, absl::Time now) {
  if (chain == nullptr || sk_CRYPTO_BUFFER_num(chain) == 0) {
    return Refuse("the peer has shown no certificate", SSL_AD_CERTIFICATE_UNKNOWN);
  }
  if (const size_t size = sk_CRYPTO_BUFFER_num(chain); size > kMaxChain) {
    return Refuse(absl::StrCat("certificate chain is too long: ", size, " certificates, more than ",
                               kMaxChain),
                  SSL_AD_BAD_CERTIFICATE);
  }
  const std::string hash = HashOf(*chain);
  std::shared_ptr<const VerifiedChain> known = verified_.Find(hash);
  if (known == nullptr || now < known->not_before || now > known->not_after) {
    Verdict verdict = CheckPath(*chain, now);
    if (!verdict.status.ok()) return verdict;
    known = std::move(verdict.chain);
    verified_.Insert(hash, known);
  }
  for (const std::shared_ptr<const PeerVerifier>& verifier : policy_.verifiers) {
    const absl::Status status = verifier->Verify(known->peer);
    if (!status.ok()) return Refuse(base::StdView(status.message()), SSL_AD_CERTIFICATE_UNKNOWN);
  }
  return {.chain = std::move(known)};
}

PeerCheck::Verdict PeerCheck::CheckPath(const STACK_OF(CRYPTO_BUFFER) & chain,
                                        absl::Time now) const {
  const absl::StatusOr<CertificateList> certificates = DecodeChain(chain);
  if (!certificates.ok()) {
    return Refuse(base::StdView(certificates.status().message()), SSL_AD_BAD_CERTIFICATE);
  }
  X509& leaf = *certificates->front();
  absl::StatusOr<PeerCertificate> peer = ReadCertificate(leaf);
  TakeLibraryError();
  const auto refuse_leaf = [&leaf](absl::string_view what) {
    return Refuse(
        absl::StrCat("certificate is refused: ", what, " (", DescribeCertificate(leaf), ")"),
        SSL_AD_BAD_CERTIFICATE);
  };
  if (!peer.ok()) return refuse_leaf(peer.status().message());
  const TrustRoots* roots = policy_.roots.get();
  if (policy_.bundles != nullptr) {
    const absl::StatusOr<const TrustRoots*> found = RootsOf(*policy_.bundles, *peer);
    if (!found.ok()) return refuse_leaf(found.status().message());
    roots = *found;
  }
  PathVerdict path;
  if (roots != nullptr) path = VerifyPath(*certificates, *roots, policy_.role, now);
  if (!path.status.ok()) return {.status = path.status, .alert = path.alert};
  return {.chain = std::make_shared<const VerifiedChain>(
              VerifiedChain{*std::move(peer), path.not_before, path.not_after})};
}

}  // namespace meshlib::tls
