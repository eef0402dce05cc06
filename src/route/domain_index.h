// SPDX-License-Identifier: Apache-2.0
// DomainIndex: which VirtualHost takes an authority.

#ifndef MESHLIB_ROUTE_DOMAIN_INDEX_H_
#define MESHLIB_ROUTE_DOMAIN_INDEX_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "resource/route_config.h"
#include "route/prefix_trie.h"

namespace meshlib::route {

// The order of envoy.config.route.v3.VirtualHost.domains: exact, then the longest suffix wildcard
// ("*.foo.com", "*-bar.foo.com"), then the longest prefix wildcard ("foo.*"), then "*". Case does
// not count; a wildcard stands for at least one byte.
//
// Immutable; share freely.
class DomainIndex final {
 public:
  DomainIndex() = default;
  explicit DomainIndex(const resource::RouteConfig& config);

  // Where the VirtualHost stands in RouteConfig::virtual_hosts. No allocation.
  std::optional<uint32_t> Find(std::string_view authority) const;

 private:
  bool ignore_port_ = false;
  std::optional<uint32_t> fallback_;  // of "*"
  PrefixTrie exact_;
  PrefixTrie suffixes_;
  PrefixTrie prefixes_;
};

// Where the ":" before the port stands; npos when there is none.
size_t PortStart(std::string_view authority);

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_DOMAIN_INDEX_H_
