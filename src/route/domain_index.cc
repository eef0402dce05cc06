// SPDX-License-Identifier: Apache-2.0
#include "route/domain_index.h"

#include <string>
#include <utility>
#include <vector>

namespace meshlib::route {
namespace {

using Keys = std::vector<std::pair<std::string, uint32_t>>;

// The VirtualHost of the longest key that leaves at least one byte for the wildcard.
std::optional<uint32_t> LongestWildcard(const PrefixTrie& trie, std::string_view host) {
  std::optional<uint32_t> best;
  trie.Walk(host, [&](size_t size, std::span<const uint32_t> hosts) {
    if (size < host.size()) best = hosts.front();
  });
  return best;
}

}  // namespace

DomainIndex::DomainIndex(const resource::RouteConfig& config)
    : ignore_port_(config.ignore_port_in_host_matching) {
  Keys exact, suffixes, prefixes;
  for (uint32_t host = 0; host < config.virtual_hosts.size(); ++host) {
    for (const std::string& domain : config.virtual_hosts[host].domains) {
      if (domain == "*") {
        if (!fallback_) fallback_ = host;
      } else if (domain.starts_with('*')) {
        suffixes.emplace_back(domain.substr(1), host);
      } else if (domain.ends_with('*')) {
        prefixes.emplace_back(domain.substr(0, domain.size() - 1), host);
      } else {
        exact.emplace_back(domain, host);
      }
    }
  }
  using Case = PrefixTrie::Case;
  using Direction = PrefixTrie::Direction;
  exact_ = PrefixTrie(Case::kInsensitive, Direction::kForward, std::move(exact));
  suffixes_ = PrefixTrie(Case::kInsensitive, Direction::kBackward, std::move(suffixes));
  prefixes_ = PrefixTrie(Case::kInsensitive, Direction::kForward, std::move(prefixes));
}

std::optional<uint32_t> DomainIndex::Find(std::string_view authority) const {
  if (ignore_port_) authority = authority.substr(0, PortStart(authority));
  std::optional<uint32_t> found;
  exact_.Walk(authority, [&](size_t size, std::span<const uint32_t> hosts) {
    if (size == authority.size()) found = hosts.front();
  });
  if (!found) found = LongestWildcard(suffixes_, authority);
  if (!found) found = LongestWildcard(prefixes_, authority);
  return found ? found : fallback_;
}

// RFC 3986 3.2.2: the colons of an IPv6 address stand in brackets.
size_t PortStart(std::string_view authority) {
  const size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos) return colon;
  const size_t bracket = authority.rfind(']');
  return bracket == std::string_view::npos || bracket < colon ? colon : std::string_view::npos;
}

}  // namespace meshlib::route
