#include "policy/internal_request.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "resource/address.h"

namespace meshlib::policy {
namespace {

using resource::Address;

bool IsPrivate(const Address& address) {
  const std::array<uint8_t, 16>& ip = address.ip_bytes();
  if (address.family() == Address::Family::kIpv4) {
    return ip[0] == 10 || ip[0] == 127 || (ip[0] == 192 && ip[1] == 168) ||
           (ip[0] == 172 && (ip[1] & 0xf0) == 16);
  }
  const bool loopback =
      ip[15] == 1 && std::all_of(ip.begin(), ip.end() - 1, [](uint8_t byte) { return byte == 0; });
  return loopback || (ip[0] & 0xfe) == 0xfc;
}

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

}  // namespace

bool IsInternalRequest(const Headers& headers) {
  std::optional<std::string_view> only;
  for (const Headers::Field& field : headers) {
    if (field.name != "x-forwarded-for") continue;
    if (only.has_value()) return false;
    only = field.value;
  }
  if (!only.has_value()) return false;
  const std::optional<Address> address = Address::FromIp(Trimmed(*only), 0);
  return address.has_value() && IsPrivate(*address);
}

}  // namespace meshlib::policy
