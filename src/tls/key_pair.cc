// SPDX-License-Identifier: Apache-2.0
#include "tls/key_pair.h"

#include <openssl/bytestring.h>
#include <openssl/evp.h>
#include <openssl/pool.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "tls/certificate.h"
#include "tls/certificate_list.h"
#include "tls/key_pair_parts.h"
#include "tls/library_error.h"
#include "tls/pem.h"
#include "tls/private_key.h"
#include "tls/private_key_parts.h"

namespace meshlib::tls {
namespace {

absl::Status PairError(std::string_view source, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(base::AbslView(source), ": ", base::AbslView(what)));
}

}  // namespace

KeyPair::KeyPair(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

KeyPair::~KeyPair() = default;

absl::StatusOr<std::shared_ptr<const KeyPair>> KeyPair::FromPem(std::string_view chain_pem,
                                                                std::string_view key_pem,
                                                                std::string_view source) {
  absl::StatusOr<std::shared_ptr<const PrivateKey>> key = PrivateKey::FromPem(key_pem, source);
  if (!key.ok()) return key.status();
  return FromKey(chain_pem, **key, source);
}

absl::StatusOr<std::shared_ptr<const KeyPair>> KeyPair::FromFiles(const std::string& chain_path,
                                                                  const std::string& key_path) {
  absl::StatusOr<std::string> chain = ReadPemFile(chain_path);
  if (!chain.ok()) return chain.status();
  absl::StatusOr<std::string> key = ReadPemFile(key_path);
  if (!key.ok()) return key.status();
  absl::StatusOr<std::shared_ptr<const KeyPair>> pair =
      FromPem(*chain, *key, absl::StrCat(chain_path, " and ", key_path));
  Wipe(&*key);
  return pair;
}

absl::StatusOr<std::shared_ptr<const KeyPair>> KeyPair::FromKey(std::string_view chain_pem,
                                                                const PrivateKey& key,
                                                                std::string_view source) {
  absl::StatusOr<CertificateList> chain = ReadCertificates(chain_pem);
  if (!chain.ok()) return PairError(source, base::StdView(chain.status().message()));
  X509& leaf = *chain->front();
  const bssl::UniquePtr<EVP_PKEY> leaf_key(X509_get_pubkey(&leaf));
  if (leaf_key == nullptr) return PairError(source, "the first certificate has an unknown key");
  const bool matches = EVP_PKEY_cmp(leaf_key.get(), key.parts().key.get()) == 1;
  TakeLibraryError();
  if (!matches) {
    return PairError(source,
                     absl::StrCat("the private key is not the one of the first certificate (",
                                  DescribeCertificate(leaf), ")"));
  }
  if (absl::Status strong = CheckKeyStrength(leaf); !strong.ok()) {
    return PairError(source,
                     absl::StrCat("the first certificate cannot be used: ", strong.message()));
  }
  // Every cipher suite that is spoken here signs.
  if ((X509_get_key_usage(&leaf) & KU_DIGITAL_SIGNATURE) == 0) {
    return PairError(source,
                     "the first certificate cannot be used: key usage lacks digitalSignature");
  }
  auto parts = std::make_unique<Parts>();
  for (const bssl::UniquePtr<X509>& certificate : *chain) {
    bssl::UniquePtr<CRYPTO_BUFFER> buffer = BufferOf(*certificate);
    if (buffer == nullptr) return PairError(source, TakeLibraryError());
    parts->chain.push_back(std::move(buffer));
  }
  parts->key = bssl::UpRef(key.parts().key);
  parts->not_before = NotBefore(leaf);
  parts->not_after = NotAfter(leaf);
  parts->description = DescribeCertificate(leaf);
  if (absl::StatusOr<PeerCertificate> read = ReadCertificate(leaf); read.ok()) {
    parts->names = std::move(read->names);
  }
  return std::shared_ptr<const KeyPair>(new KeyPair(std::move(parts)));
}

absl::Time KeyPair::not_before() const { return parts_->not_before; }

absl::Time KeyPair::not_after() const { return parts_->not_after; }

const std::string& KeyPair::description() const { return parts_->description; }

const std::vector<SubjectAltName>& KeyPair::names() const { return parts_->names; }

}  // namespace meshlib::tls
