// SPDX-License-Identifier: Apache-2.0
// TrustDomains: of whom the workloads of a mesh are.

#ifndef MESHLIB_TRANSLATE_TRUST_DOMAINS_H_
#define MESHLIB_TRANSLATE_TRUST_DOMAINS_H_

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/manifest.h"

namespace meshlib::translate {

// Istio's, where nobody says another. Principals of policies that name it mean the mesh's own.
inline constexpr char kDefaultTrustDomain[] = "cluster.local";

// Workloads of the aliases are treated as those of the own trust domain. A value.
struct TrustDomains {
  std::string own = kDefaultTrustDomain;
  std::vector<std::string> aliases;

  // Each once, the own first.
  std::vector<std::string> All() const;

  // "td.example/ns/default/sa/reviews", and the same of the aliases, in the place of a principal of
  // any of them or of the default; others stay as they are (Istio's ReplaceTrustDomainAliases).
  std::vector<std::string> OfPrincipals(const std::vector<std::string>& principals) const;

  // All() in the place of one of them; others stay as they are (ExpandTrustDomainAliases).
  std::vector<std::string> OfDomains(const std::vector<std::string>& domains) const;

  // "spiffe://td.example/ns/default/sa/reviews".
  std::string SpiffeId(std::string_view name_space, std::string_view service_account) const;
  // Adds those of the aliases to the SPIFFE IDs of workloads in `names`.
  void AddAliases(std::set<std::string>& names) const;

  friend bool operator==(const TrustDomains&, const TrustDomains&) = default;
};

// What the MeshConfig says. `own`, unless it is empty, goes before it.
TrustDomains TrustDomainsOf(const manifest::Manifest& manifest, const std::string& own = {});

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_TRUST_DOMAINS_H_
