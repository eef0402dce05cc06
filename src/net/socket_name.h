// SPDX-License-Identifier: Apache-2.0
// SocketName: a resource::Address as the kernel takes it.

#ifndef MESHLIB_NET_SOCKET_NAME_H_
#define MESHLIB_NET_SOCKET_NAME_H_

#include <sys/socket.h>

#include "resource/address.h"

namespace meshlib::net {

// A value.
struct SocketName {
  sockaddr_storage storage{};
  socklen_t size = 0;

  // REQUIRES: `address` is not kNone.
  static SocketName Of(const resource::Address& address);
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// kNone for other families and for unix sockets without a name.
resource::Address AddressOf(const sockaddr* name, socklen_t size);

}  // namespace meshlib::net

#endif  // MESHLIB_NET_SOCKET_NAME_H_
