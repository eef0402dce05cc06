// SPDX-License-Identifier: Apache-2.0
// The least that an HTTP server can do: one epoll loop, a fixed answer of 1 KiB, no parsing beyond
// the end of the head. Usage: floor_server PORT

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

int Listen(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(fd, 1024) != 0) {
    std::perror("floor_server: listen");
    std::exit(1);
  }
  return fd;
}

void Accept(int epoll, int listener) {
  const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

// A request is assumed to arrive whole: true for the clients of this benchmark.
void Serve(int fd, const std::string& answer) {
  std::array<char, 16384> buffer;
  const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
  if (got <= 0) {
    close(fd);
    return;
  }
  const std::string_view bytes(buffer.data(), static_cast<size_t>(got));
  if (bytes.ends_with("\r\n\r\n") &&
      send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(answer.size())) {
    close(fd);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int listener = Listen(static_cast<uint16_t>(std::atoi(argv[1])));
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{.events = EPOLLIN, .data = {.fd = listener}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  const std::string answer =
      "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 1024\r\n\r\n" +
      std::string(1024, 'x');
  std::printf("serving\n");
  std::fflush(stdout);
  std::array<epoll_event, 64> events;
  for (;;) {
    const int ready = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i) {
      const int fd = events[static_cast<size_t>(i)].data.fd;
      if (fd == listener) {
        Accept(epoll, listener);
      } else {
        Serve(fd, answer);
      }
    }
  }
}
