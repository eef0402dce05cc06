// SPDX-License-Identifier: Apache-2.0
#include "resource/cidr_range.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace meshlib::resource {
namespace {

struct IpBytes {
  const uint8_t* bytes = nullptr;
  bool is_ipv4 = false;
};

// Of an IPv4 address in its IPv6 form, the IPv4 address.
IpBytes BytesOf(const Address& address) {
  static constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const uint8_t* bytes = address.ip_bytes().data();
  if (address.family() == Address::Family::kIpv4) return {bytes, true};
  const bool is_mapped = std::equal(kMapped.begin(), kMapped.end(), bytes);
  return {is_mapped ? bytes + kMapped.size() : bytes, is_mapped};
}

bool SameBits(const uint8_t* a, const uint8_t* b, size_t bits) {
  const size_t bytes = bits / 8;
  if (std::memcmp(a, b, bytes) != 0) return false;
  const size_t rest = bits % 8;
  return rest == 0 || ((a[bytes] ^ b[bytes]) >> (8 - rest)) == 0;
}

}  // namespace

std::optional<CidrRange> CidrRange::FromString(std::string_view text) {
  const size_t slash = text.find('/');
  const auto address = Address::FromIp(text.substr(0, slash), 0);
  if (!address) return std::nullopt;
  const uint8_t most = address->family() == Address::Family::kIpv4 ? 32 : 128;
  CidrRange range{.address = *address, .prefix_size = most};
  if (slash == std::string_view::npos) return range;
  const std::string_view digits = text.substr(slash + 1);
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, range.prefix_size);
  const bool is_number =
      error == std::errc() && stop == end && (digits.size() == 1 || digits[0] != '0');
  if (!is_number || range.prefix_size > most) return std::nullopt;
  return range;
}

bool CidrRange::Contains(const Address& other) const {
  if (!other.is_ip()) return false;
  const IpBytes theirs = BytesOf(other);
  const bool is_ipv4 = address.family() == Address::Family::kIpv4;
  if (theirs.is_ipv4 != is_ipv4) return false;
  return SameBits(address.ip_bytes().data(), theirs.bytes, prefix_size);
}

std::string CidrRange::ToString() const {
  return address.IpString() + "/" + std::to_string(prefix_size);
}

}  // namespace meshlib::resource
