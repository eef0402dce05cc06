// SPDX-License-Identifier: Apache-2.0
#include "snapshot/named_trust_domains.h"

#include <optional>
#include <string>
#include <string_view>

namespace meshlib::snapshot {
namespace {

using resource::SanMatcher;
using resource::SanType;
using Kind = resource::StringMatcher::Kind;

constexpr std::string_view kSpiffe = "spiffe://";

std::optional<std::string> TrustDomainOf(const SanMatcher& name) {
  const Kind kind = name.matcher.kind;
  if (name.type != SanType::kUri && name.type != SanType::kAny) return std::nullopt;
  if (kind != Kind::kExact && kind != Kind::kPrefix) return std::nullopt;
  std::string_view text = name.matcher.value;
  if (!text.starts_with(kSpiffe)) return std::nullopt;
  text.remove_prefix(kSpiffe.size());
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  return std::string(text.substr(0, slash));
}

}  // namespace

std::shared_ptr<const tls::SpiffeBundles> BundlesFor(const RootsMaterial& roots,
                                                     const std::vector<SanMatcher>& names) {
  std::shared_ptr<tls::SpiffeBundles> more;
  for (const SanMatcher& name : names) {
    const std::optional<std::string> domain = TrustDomainOf(name);
    if (!domain || roots.bundles->contains(*domain)) continue;
    if (more == nullptr) more = std::make_shared<tls::SpiffeBundles>(*roots.bundles);
    more->emplace(*domain, roots.value);
  }
  return more == nullptr ? roots.bundles : more;
}

}  // namespace meshlib::snapshot
