// SPDX-License-Identifier: Apache-2.0
#include "resource/address.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace meshlib::resource {

std::optional<Address> Address::FromIp(std::string_view ip, uint16_t port) {
  char text[INET6_ADDRSTRLEN];
  if (ip.size() >= sizeof text || ip.find('\0') != std::string_view::npos) return std::nullopt;
  std::memcpy(text, ip.data(), ip.size());
  text[ip.size()] = '\0';
  Address address;
  address.port_ = port;
  if (inet_pton(AF_INET, text, address.ip_.data()) == 1) {
    address.family_ = Family::kIpv4;
    return address;
  }
  if (inet_pton(AF_INET6, text, address.ip_.data()) == 1) {
    address.family_ = Family::kIpv6;
    return address;
  }
  return std::nullopt;
}

std::optional<Address> Address::FromUnixPath(std::string_view path) {
  if (path.empty() || path.size() > 107 || path.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  Address address;
  address.family_ = Family::kUnix;
  address.unix_path_ = std::make_shared<const std::string>(path);
  return address;
}

std::optional<Address> Address::FromString(std::string_view text) {
  if (text.starts_with("unix:")) return FromUnixPath(text.substr(5));
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  uint16_t port = 0;
  const std::string_view digits = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  std::string_view ip = text.substr(0, colon);
  const bool bracketed = ip.size() >= 2 && ip.front() == '[' && ip.back() == ']';
  if (bracketed) ip = ip.substr(1, ip.size() - 2);
  std::optional<Address> address = FromIp(ip, port);
  if (address && bracketed != (address->family() == Family::kIpv6)) return std::nullopt;
  return address;
}

Address Address::WithPort(uint16_t port) const {
  Address other = *this;
  other.port_ = port;
  return other;
}

bool Address::is_unspecified() const { return is_ip() && ip_ == std::array<uint8_t, 16>{}; }

std::string Address::IpString() const {
  if (family_ == Family::kUnix) return *unix_path_;
  if (family_ == Family::kNone) return "";
  char text[INET6_ADDRSTRLEN];
  inet_ntop(family_ == Family::kIpv4 ? AF_INET : AF_INET6, ip_.data(), text, sizeof text);
  return text;
}

std::string Address::ToString() const {
  switch (family_) {
    case Family::kNone:
      return "(none)";
    case Family::kUnix:
      return "unix:" + *unix_path_;
    case Family::kIpv4:
      return IpString() + ":" + std::to_string(port_);
    case Family::kIpv6:
      return "[" + IpString() + "]:" + std::to_string(port_);
  }
  return "";
}

}  // namespace meshlib::resource
