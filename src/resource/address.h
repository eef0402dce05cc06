// SPDX-License-Identifier: Apache-2.0
// Address: where a peer listens.

#ifndef MESHLIB_RESOURCE_ADDRESS_H_
#define MESHLIB_RESOURCE_ADDRESS_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace meshlib::resource {

// An IPv4 or IPv6 address with a port, or the path of a unix socket. 32 bytes, no heap for IP
// addresses: there may be 100 000 of them. A value.
class Address final {
 public:
  enum class Family : uint8_t { kNone, kIpv4, kIpv6, kUnix };

  Address() = default;

  // Accepts "1.2.3.4" and "::1" (no brackets, no scope); nullopt for anything else.
  static std::optional<Address> FromIp(std::string_view ip, uint16_t port);

  // Accepts paths of 1 to 107 bytes without NUL; a leading '@' names an abstract socket.
  static std::optional<Address> FromUnixPath(std::string_view path);

  // "1.2.3.4:80", "[::1]:80" or "unix:/path".
  static std::optional<Address> FromString(std::string_view text);

  Family family() const { return family_; }
  uint16_t port() const { return port_; }
  Address WithPort(uint16_t port) const;
  // 4 or 16 bytes in network order. REQUIRES: an IP address.
  const std::array<uint8_t, 16>& ip_bytes() const { return ip_; }
  // REQUIRES: kUnix.
  const std::string& unix_path() const { return *unix_path_; }
  bool is_unspecified() const;  // 0.0.0.0 or ::
  bool is_ip() const { return family_ == Family::kIpv4 || family_ == Family::kIpv6; }

  std::string IpString() const;  // "1.2.3.4", "::1"; the path for unix
  std::string ToString() const;  // what FromString accepts

  friend bool operator==(const Address& a, const Address& b) {
    return a.family_ == b.family_ && a.port_ == b.port_ && a.ip_ == b.ip_ &&
           (a.family_ != Family::kUnix || *a.unix_path_ == *b.unix_path_);
  }
  template <typename H>
  friend H AbslHashValue(H h, const Address& a) {
    h = H::combine(std::move(h), a.family_, a.port_, a.ip_);
    return a.family_ == Family::kUnix ? H::combine(std::move(h), *a.unix_path_) : std::move(h);
  }

 private:
  std::array<uint8_t, 16> ip_{};
  std::shared_ptr<const std::string> unix_path_;
  uint16_t port_ = 0;
  Family family_ = Family::kNone;
};

}  // namespace meshlib::resource

#endif  // MESHLIB_RESOURCE_ADDRESS_H_
