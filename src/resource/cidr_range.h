// SPDX-License-Identifier: Apache-2.0
// CidrRange: the IP addresses that begin with the same bits.

#ifndef MESHLIB_RESOURCE_CIDR_RANGE_H_
#define MESHLIB_RESOURCE_CIDR_RANGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "resource/address.h"

namespace meshlib::resource {

// envoy.config.core.v3.CidrRange. An IPv4 range has no IPv6 address and the other way round, but an
// IPv4 address in its IPv6 form ("::ffff:1.2.3.4": what a socket for both says) is an IPv4 address.
// A value.
struct CidrRange {
  Address address;          // an IP address
  uint8_t prefix_size = 0;  // in bits, at most 32 or 128

  // Accepts "10.0.0.0/8", and an address alone, which is a range of one; nullopt for anything else.
  static std::optional<CidrRange> FromString(std::string_view text);

  bool Contains(const Address& other) const;
  std::string ToString() const;  // "10.0.0.0/8"
  friend bool operator==(const CidrRange&, const CidrRange&) = default;
};

}  // namespace meshlib::resource

#endif  // MESHLIB_RESOURCE_CIDR_RANGE_H_
