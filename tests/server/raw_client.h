// SPDX-License-Identifier: Apache-2.0
// RawClient: a client that sends what it is told, byte for byte, for tests of servers.

#ifndef MESHLIB_TESTS_SERVER_RAW_CLIENT_H_
#define MESHLIB_TESTS_SERVER_RAW_CLIENT_H_

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <string>
#include <string_view>
#include <utility>

#include "net/fd.h"
#include "net/socket.h"
#include "net/socket_name.h"
#include "resource/address.h"
#include "wire/grammar.h"

namespace meshlib::server {

// A response as it came. A value.
struct RawResponse {
  int status = 0;    // 0: none came
  std::string head;  // with the empty line
  std::string body;  // by content-length, or all chunks with their framing
};

// Blocking; gives up after 10 s without a byte. Thread-compatible.
class RawClient final {
 public:
  explicit RawClient(const std::string& address) {
    const auto to = resource::Address::FromString(address).value();
    const net::SocketName name = net::SocketName::Of(to);
    fd_ = net::Fd(socket(name.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    connected_ = connect(fd_.get(), name.get(), name.size) == 0;
  }

  bool connected() const { return connected_; }
  int fd() const { return fd_.get(); }

  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t put = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(put));
    }
  }
  void EndSending() { shutdown(fd_.get(), SHUT_WR); }
  void Close() { fd_.Reset(); }

  // The next response; to_head: without the body that its length announces.
  RawResponse Read(bool to_head = false) {
    RawResponse response;
    response.head = Until("\r\n\r\n");
    if (response.head.size() < 12) return response;
    response.status = std::stoi(response.head.substr(9, 3));
    const std::string length = Field(response.head, "content-length");
    if (to_head || response.status < 200 || response.status == 204) return response;
    if (!length.empty()) {
      response.body = Take(std::stoul(length));
    } else if (!Field(response.head, "transfer-encoding").empty()) {
      response.body = Until("0\r\n\r\n");
    } else {
      response.body = ReadToEnd();
    }
    return response;
  }
  RawResponse Get(const std::string& target, const std::string& fields = "") {
    Send("GET " + target + " HTTP/1.1\r\nhost: a\r\n" + fields + "\r\n");
    return Read();
  }
  // Everything until the server ends the connection.
  std::string ReadToEnd() {
    while (Fill()) {
    }
    return std::exchange(buffer_, {});
  }
  // Whether the server ended the connection without another byte.
  bool IsClosed() { return ReadToEnd().empty() && !timed_out_; }

  static std::string Field(const std::string& head, const std::string& name) {
    const size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
  std::string Until(const std::string& mark) {
    size_t at = std::string::npos;
    while ((at = buffer_.find(mark)) == std::string::npos) {
      if (!Fill()) return {};
    }
    return Take(at + mark.size());
  }

 private:
  bool Fill() {
    char bytes[65536];
    ssize_t got = 0;
    do {
      got = recv(fd_.get(), bytes, sizeof(bytes), 0);
    } while (got < 0 && errno == EINTR);  // the process was stopped for a while
    timed_out_ = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (got > 0) buffer_.append(bytes, static_cast<size_t>(got));
    return got > 0;
  }
  std::string Take(size_t size) {
    while (buffer_.size() < size && Fill()) {
    }
    std::string taken = buffer_.substr(0, size);
    buffer_.erase(0, taken.size());
    return taken;
  }

  net::Fd fd_;
  bool connected_ = false;
  bool timed_out_ = false;
  std::string buffer_;
};

}  // namespace meshlib::server

#endif  // MESHLIB_TESTS_SERVER_RAW_CLIENT_H_
