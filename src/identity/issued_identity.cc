// SPDX-License-Identifier: Apache-2.0
#include "identity/issued_identity.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "tls/key_pair_check.h"
#include "tls/peer_certificate.h"
#include "tls/spiffe.h"
#include "tls/trust_roots.h"

namespace meshlib::identity {
namespace {

constexpr std::string_view kSource = "the authority's answer";

// All but the last element, which holds the roots.
std::string ChainPem(const std::vector<std::string>& chain) {
  std::string pem;
  for (size_t i = 0; i + 1 < chain.size(); ++i) {
    pem += chain[i];
    if (!pem.ends_with('\n')) pem += '\n';
  }
  return pem;
}

absl::Status CheckName(const tls::PeerCertificate& leaf, const WorkloadName& name) {
  auto id = tls::ReadSvid(leaf);
  if (!id.ok()) return id.status();
  const std::string wanted = name.SpiffeId();
  if (id->ToString() == wanted) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the certificate is for ", id->ToString(), ", this workload is ", wanted));
}

std::string Text(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<IssuedIdentity> CheckIssued(const std::vector<std::string>& chain,
                                           const tls::PrivateKey& key, const WorkloadName& name,
                                           absl::Time now) {
  if (chain.size() < 2) {
    return absl::InvalidArgumentError(absl::StrCat("the answer has ", chain.size(),
                                                   " parts: a certificate and roots are needed"));
  }
  auto pair = tls::KeyPair::FromKey(ChainPem(chain), key, kSource);
  if (!pair.ok()) return pair.status();
  const absl::Time not_before = (*pair)->not_before();
  const absl::Time not_after = (*pair)->not_after();
  if (not_after <= now) {
    return absl::InvalidArgumentError(absl::StrCat("the certificate has expired: it ended ",
                                                   Text(not_after), ", this clock says ",
                                                   Text(now)));
  }
  if (not_after <= not_before) {
    return absl::InvalidArgumentError("the certificate is valid at no time");
  }
  auto roots = tls::TrustRoots::FromPem(chain.back(), kSource);
  if (!roots.ok()) return roots.status();
  // At a time when it is valid: of clocks that differ the caller decides.
  auto leaf = tls::CheckKeyPair(**pair, **roots, std::max(now, not_before));
  if (!leaf.ok()) return leaf.status();
  if (absl::Status named = CheckName(*leaf, name); !named.ok()) return named;
  return IssuedIdentity{*std::move(pair), chain.back(), not_before, not_after};
}

}  // namespace meshlib::identity
