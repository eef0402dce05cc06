// SPDX-License-Identifier: Apache-2.0
// NeededKeys: what a Call must have for a policy to match it, as far as an index can find it.

#ifndef MESHLIB_ACCESS_NEEDED_KEYS_H_
#define MESHLIB_ACCESS_NEEDED_KEYS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/header_index.h"
#include "resource/address.h"
#include "resource/rbac.h"

namespace meshlib::access {

// What of a Call a key is compared with.
enum class Dimension : uint8_t {
  kNames,  // of the peer
  kPaths,
  kMethods,
  kHeaders,
  kPorts,
  kDestinations,
  kDirectRemotes,
  kRemotes,
  kServerNames,
};
inline constexpr size_t kDimensions = 9;

// Texts of a port and of an IP address, which prefixes of addresses are prefixes of.
class KeyText final {
 public:
  static KeyText OfPort(uint32_t port);
  // Empty for what is no IP address.
  static KeyText OfAddress(const resource::Address& address);

  std::string_view text() const { return {text_, size_}; }

 private:
  char text_[33];
  size_t size_ = 0;
};

// `name` is empty but for headers.
using NeededKey = HeaderKey;
// A Call must have one of them; nullopt: it need not have any.
using NeededKeys = std::optional<std::vector<NeededKey>>;

// Where a policy has several conditions that all must hold, the one is taken whose keys are the
// rarest among all policies. Immutable; share freely.
class KeyFinder final {
 public:
  KeyFinder(std::span<const resource::RbacPolicy> policies, Dimension dimension);

  NeededKeys Find(const resource::RbacPolicy& policy) const;

 private:
  using Rules = std::vector<resource::RbacRule>;
  void Count(const Rules& rules);
  NeededKeys Of(const resource::RbacRule& rule) const;
  NeededKeys OfAny(const Rules& rules) const;
  NeededKeys OfAll(const Rules& rules) const;
  NeededKeys Rarer(NeededKeys a, NeededKeys b) const;
  size_t Frequency(const std::vector<NeededKey>& keys) const;

  const Dimension dimension_;
  std::map<std::pair<std::string, TextKey>, size_t> counts_;
};

}  // namespace meshlib::access

#endif  // MESHLIB_ACCESS_NEEDED_KEYS_H_
