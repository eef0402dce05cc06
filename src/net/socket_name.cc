// SPDX-License-Identifier: Apache-2.0
#include "net/socket_name.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>

namespace meshlib::net {
namespace {

using resource::Address;

template <typename T>
SocketName Make(const T& value, size_t size) {
  SocketName name;
  std::memcpy(&name.storage, &value, sizeof(value));
  name.size = static_cast<socklen_t>(size);
  return name;
}

// Address admits paths of up to 107 bytes only, so that they fit with their NUL.
SocketName UnixName(const std::string& path) {
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  const size_t size = std::min(path.size(), sizeof(un.sun_path) - 1);
  std::memcpy(un.sun_path, path.data(), size);
  const bool abstract = path.front() == '@';
  if (abstract) un.sun_path[0] = '\0';
  return Make(un, offsetof(sockaddr_un, sun_path) + size + (abstract ? 0 : 1));
}

Address FromBytes(int family, const void* bytes, uint16_t port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inet_ntop(family, bytes, text.data(), text.size()) == nullptr) return {};
  return Address::FromIp(text.data(), port).value_or(Address());
}

Address FromUnix(const sockaddr* name, socklen_t size) {
  sockaddr_un un{};
  const size_t taken = std::min<size_t>(size, sizeof(un));
  std::memcpy(&un, name, taken);
  const size_t prefix = offsetof(sockaddr_un, sun_path);
  std::string path(un.sun_path, taken > prefix ? taken - prefix : 0);
  if (!path.empty() && path.front() == '\0') path.front() = '@';
  path.resize(std::min(path.size(), path.find('\0')));
  return Address::FromUnixPath(path).value_or(Address());
}

}  // namespace

SocketName SocketName::Of(const Address& address) {
  if (!address.is_ip()) return UnixName(address.unix_path());
  if (address.family() == Address::Family::kIpv4) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(address.port());
    std::memcpy(&in.sin_addr, address.ip_bytes().data(), sizeof(in.sin_addr));
    return Make(in, sizeof(in));
  }
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons(address.port());
  std::memcpy(&in6.sin6_addr, address.ip_bytes().data(), sizeof(in6.sin6_addr));
  return Make(in6, sizeof(in6));
}

Address AddressOf(const sockaddr* name, socklen_t size) {
  if (name->sa_family == AF_UNIX) return FromUnix(name, size);
  if (name->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, name, std::min<size_t>(size, sizeof(in)));
    return FromBytes(AF_INET, &in.sin_addr, ntohs(in.sin_port));
  }
  if (name->sa_family == AF_INET6) {
    sockaddr_in6 in6{};
    std::memcpy(&in6, name, std::min<size_t>(size, sizeof(in6)));
    return FromBytes(AF_INET6, &in6.sin6_addr, ntohs(in6.sin6_port));
  }
  return {};
}

}  // namespace meshlib::net
