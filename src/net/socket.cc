// SPDX-License-Identifier: Apache-2.0
#include "net/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "net/socket_name.h"

namespace meshlib::net {
namespace {

using resource::Address;

absl::StatusOr<Fd> Open(const Address& address, const char* operation) {
  if (address.family() == Address::Family::kNone) {
    return absl::InvalidArgumentError(absl::StrCat(operation, ": no address"));
  }
  const int family = address.family() == Address::Family::kIpv4   ? AF_INET
                     : address.family() == Address::Family::kIpv6 ? AF_INET6
                                                                  : AF_UNIX;
  Fd fd(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return SocketError(errno, operation, address);
  return fd;
}

void SetFlag(int fd, int level, int option) {
  const int on = 1;
  setsockopt(fd, level, option, &on, sizeof(on));
}

// Whether `path` is a socket's file that no process listens on.
bool IsLeftOver(const Address& address) {
  absl::StatusOr<Fd> probe = Open(address, "connect");
  if (!probe.ok()) return false;
  const SocketName name = SocketName::Of(address);
  return connect(probe->get(), name.get(), name.size) != 0 && errno == ECONNREFUSED;
}

bool Bind(int fd, const Address& address) {
  const SocketName name = SocketName::Of(address);
  if (bind(fd, name.get(), name.size) == 0) return true;
  if (errno != EADDRINUSE || address.is_ip() || address.unix_path().front() == '@') return false;
  if (!IsLeftOver(address)) {
    errno = EADDRINUSE;
    return false;
  }
  unlink(address.unix_path().c_str());
  return bind(fd, name.get(), name.size) == 0;
}

std::string CauseOf(int error, const Address& address) {
  if (error == EADDRINUSE) {
    return address.is_ip() ? absl::StrCat("port ", address.port(), " is already in use")
                           : std::string("the socket is already in use");
  }
  if (error == EADDRNOTAVAIL) return "no interface of this machine has this address";
  std::array<char, 128> buffer{};
  return absl::AsciiStrToLower(strerror_r(error, buffer.data(), buffer.size()));
}

absl::StatusCode CodeOf(int error) {
  switch (error) {
    case EADDRINUSE:
      return absl::StatusCode::kAlreadyExists;
    case EACCES:
    case EPERM:
      return absl::StatusCode::kPermissionDenied;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return absl::StatusCode::kResourceExhausted;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

}  // namespace

absl::Status SocketError(int error, const char* operation, const Address& address) {
  return absl::Status(CodeOf(error), absl::StrCat(operation, " ", address.ToString(), ": ",
                                                  CauseOf(error, address)));
}

absl::StatusOr<Fd> Listen(const Address& address, const ListenOptions& options) {
  absl::StatusOr<Fd> fd = Open(address, "listen on");
  if (!fd.ok()) return fd;
  if (address.is_ip()) {
    SetFlag(fd->get(), SOL_SOCKET, SO_REUSEADDR);
    if (options.reuse_port) SetFlag(fd->get(), SOL_SOCKET, SO_REUSEPORT);
    // Accepted sockets inherit it.
    SetFlag(fd->get(), IPPROTO_TCP, TCP_NODELAY);
  }
  if (!Bind(fd->get(), address) || listen(fd->get(), options.backlog) != 0) {
    return SocketError(errno, "listen on", address);
  }
  return fd;
}

absl::StatusOr<std::optional<Accepted>> Accept(int listener) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  Fd fd(accept4(listener, reinterpret_cast<sockaddr*>(&storage), &size,
                SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (fd)
    return Accepted{std::move(fd), AddressOf(reinterpret_cast<const sockaddr*>(&storage), size)};
  switch (errno) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return absl::ResourceExhaustedError(
          absl::StrCat("accept: ", CauseOf(errno, resource::Address())));
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
      return absl::FailedPreconditionError("accept: the socket does not listen");
    default:
      // EAGAIN, and the network errors of a connection that has failed already (accept(2)).
      return std::nullopt;
  }
}

absl::StatusOr<Fd> StartConnect(const Address& address) {
  absl::StatusOr<Fd> fd = Open(address, "connect");
  if (!fd.ok()) return fd;
  if (address.is_ip()) SetFlag(fd->get(), IPPROTO_TCP, TCP_NODELAY);
  const SocketName name = SocketName::Of(address);
  if (connect(fd->get(), name.get(), name.size) == 0 || errno == EINPROGRESS || errno == EINTR) {
    return fd;
  }
  return SocketError(errno, "connect", address);
}

absl::Status ConnectResult(int fd, const Address& address) {
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  return error == 0 ? absl::OkStatus() : SocketError(error, "connect", address);
}

absl::StatusOr<Address> LocalAddress(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return absl::ErrnoToStatus(errno, "getsockname");
  }
  return AddressOf(reinterpret_cast<const sockaddr*>(&storage), size);
}

}  // namespace meshlib::net
