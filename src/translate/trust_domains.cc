// SPDX-License-Identifier: Apache-2.0
#include "translate/trust_domains.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"

namespace meshlib::translate {
namespace {

using base::AbslView;

constexpr std::string_view kSpiffe = "spiffe://";

void AddOnce(std::string value, std::vector<std::string>& values) {
  if (std::find(values.begin(), values.end(), value) != values.end()) return;
  values.push_back(std::move(value));
}

// Whether "*" at an end of `pattern` stands for the rest of `text`, which is not empty.
bool MatchesSuffix(std::string_view text, std::string_view pattern) {
  return pattern.starts_with('*') && text.ends_with(pattern.substr(1));
}
bool MatchesPrefix(std::string_view text, std::string_view pattern) {
  return pattern.ends_with('*') && text.starts_with(pattern.substr(0, pattern.size() - 1));
}

// "TRUST_DOMAIN/ns/NAMESPACE/sa/ACCOUNT" of a certain trust domain: at which character it ends, or
// npos.
size_t EndOfTrustDomain(std::string_view principal) {
  if (std::count(principal.begin(), principal.end(), '/') != 4) return std::string_view::npos;
  const size_t end = principal.find('/');
  return principal.substr(0, end) == "*" ? std::string_view::npos : end;
}

}  // namespace

std::vector<std::string> TrustDomains::All() const {
  std::vector<std::string> all{own};
  for (const std::string& alias : aliases) AddOnce(alias, all);
  return all;
}

std::vector<std::string> TrustDomains::OfPrincipals(
    const std::vector<std::string>& principals) const {
  const std::vector<std::string> all = All();
  std::vector<std::string> result;
  for (const std::string& principal : principals) {
    const size_t end = EndOfTrustDomain(principal);
    const std::string domain = principal.substr(0, end);
    const bool is_ours =
        domain == kDefaultTrustDomain ||
        std::any_of(all.begin(), all.end(), [&](const std::string& one) {
          return one == domain || MatchesPrefix(one, domain) || MatchesSuffix(one, domain);
        });
    if (end == std::string::npos || !is_ours) {
      result.push_back(principal);
      continue;
    }
    std::vector<std::string> replaced;
    for (const std::string& one : all) {
      // What a "*" in front stands for as it is.
      AddOnce(MatchesSuffix(one, domain) ? principal : absl::StrCat(one, principal.substr(end)),
              replaced);
    }
    result.insert(result.end(), replaced.begin(), replaced.end());
  }
  return result;
}

std::vector<std::string> TrustDomains::OfDomains(const std::vector<std::string>& domains) const {
  const std::vector<std::string> all = All();
  std::vector<std::string> result;
  for (const std::string& domain : domains) {
    if (std::find(all.begin(), all.end(), domain) == all.end()) {
      AddOnce(domain, result);
    } else {
      for (const std::string& one : all) AddOnce(one, result);
    }
  }
  return result;
}

std::string TrustDomains::SpiffeId(std::string_view name_space,
                                   std::string_view service_account) const {
  return absl::StrCat(AbslView(kSpiffe), own, "/ns/", AbslView(name_space), "/sa/",
                      AbslView(service_account));
}

void TrustDomains::AddAliases(std::set<std::string>& names) const {
  const std::set<std::string> given = names;
  for (const std::string& name : given) {
    if (!name.starts_with(kSpiffe)) continue;
    const std::string_view principal = std::string_view(name).substr(kSpiffe.size());
    const size_t end = EndOfTrustDomain(principal);
    if (end == std::string_view::npos) continue;
    const std::string path(principal.substr(end));
    for (const std::string& alias : aliases) {
      names.insert(absl::StrCat(AbslView(kSpiffe), alias, path));
    }
  }
}

TrustDomains TrustDomainsOf(const manifest::Manifest& manifest, const std::string& own) {
  TrustDomains domains;
  for (const manifest::MeshConfig& config : manifest.mesh_configs) {
    if (config.trust_domain) domains.own = *config.trust_domain;
    domains.aliases = config.trust_domain_aliases;
  }
  if (!own.empty()) domains.own = own;
  return domains;
}

}  // namespace meshlib::translate
