// SPDX-License-Identifier: Apache-2.0
#include "net/socket_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"

namespace meshlib::net {
namespace {

constexpr int kSendFlags = MSG_NOSIGNAL | MSG_DONTWAIT;

IoResult Moved(ssize_t bytes) { return {IoResult::Kind::kDone, static_cast<size_t>(bytes)}; }

}  // namespace

SocketStream::SocketStream(Fd fd) : fd_(std::move(fd)) {}

IoResult SocketStream::Read(std::span<char> buffer) {
  ssize_t got = 0;
  do {
    got = recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  return Received(got);
}

IoResult SocketStream::Await(std::span<char> buffer) {
  if (!may_wait_ && !AllowWaiting()) return Read(buffer);
  const ssize_t got = recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (got < 0 && errno == EINTR) return {IoResult::Kind::kAgain, 0};
  return Received(got);
}

bool SocketStream::AllowWaiting() {
  const timeval patience = absl::ToTimeval(kPatience);
  const int flags = fcntl(fd_.get(), F_GETFL);
  may_wait_ = flags >= 0 &&
              setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
              fcntl(fd_.get(), F_SETFL, flags & ~O_NONBLOCK) == 0;
  return may_wait_;
}

IoResult SocketStream::Received(ssize_t got) {
  if (got > 0) return Moved(got);
  return got == 0 ? IoResult{IoResult::Kind::kEof, 0} : Failed(errno);
}

IoResult SocketStream::Write(std::span<const iovec> pieces) {
  ssize_t put = 0;
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  do {
    put = pieces.size() == 1 ? send(fd_.get(), pieces[0].iov_base, pieces[0].iov_len, kSendFlags)
                             : sendmsg(fd_.get(), &message, kSendFlags);
  } while (put < 0 && errno == EINTR);
  return put >= 0 ? Moved(put) : Failed(errno);
}

bool SocketStream::IsSilent() {
  char byte = 0;
  const ssize_t got = recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

bool SocketStream::CloseWrite() {
  shutdown(fd_.get(), SHUT_WR);
  return true;
}

int SocketStream::fd() const { return fd_.get(); }

absl::Status SocketStream::error() const {
  if (errno_ == 0) return absl::OkStatus();
  char buffer[128];
  return absl::UnavailableError(
      absl::AsciiStrToLower(std::string(strerror_r(errno_, buffer, sizeof(buffer)))));
}

IoResult SocketStream::Failed(int error) {
  if (error == EAGAIN || error == EWOULDBLOCK) return {IoResult::Kind::kAgain, 0};
  errno_ = error;
  return {IoResult::Kind::kError, 0};
}

}  // namespace meshlib::net
