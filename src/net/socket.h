// SPDX-License-Identifier: Apache-2.0
// Stream sockets by resource::Address: TCP over IPv4 and IPv6, unix and abstract sockets.
//
// Every descriptor is non-blocking and close-on-exec; TCP ones have TCP_NODELAY. Errors are
// Statuses that name the address and the cause.

#ifndef MESHLIB_NET_SOCKET_H_
#define MESHLIB_NET_SOCKET_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "net/fd.h"
#include "resource/address.h"

namespace meshlib::net {

// A value.
struct ListenOptions {
  int backlog = 4096;
  // Several sockets may listen on one TCP port; the kernel spreads connections over them.
  bool reuse_port = false;
};

// Binds and listens. A unix socket's file that nobody listens on is replaced. ALREADY_EXISTS when
// the port or path is in use, PERMISSION_DENIED, otherwise UNAVAILABLE.
absl::StatusOr<Fd> Listen(const resource::Address& address, const ListenOptions& options = {});

struct Accepted {
  Fd fd;
  resource::Address peer;
};

// The next waiting connection; nullopt when there is none (or the peer has gone again).
// RESOURCE_EXHAUSTED when descriptors or memory have run out: pause before the next try.
absl::StatusOr<std::optional<Accepted>> Accept(int listener);

// Starts to connect. The descriptor becomes writable when that has ended; ConnectResult() says how.
absl::StatusOr<Fd> StartConnect(const resource::Address& address);
absl::Status ConnectResult(int fd, const resource::Address& address);

// The address that a socket is bound to (the real port for port 0).
absl::StatusOr<resource::Address> LocalAddress(int fd);

// "connect 127.0.0.1:80: connection refused", with the code that callers may decide by.
absl::Status SocketError(int error, const char* operation, const resource::Address& address);

}  // namespace meshlib::net

#endif  // MESHLIB_NET_SOCKET_H_
