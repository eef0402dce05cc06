// SPDX-License-Identifier: Apache-2.0
// The least that an HTTP client can do: a blocking socket per thread, one send and one recv per
// Call. Usage: floor_client PORT CONNECTIONS CALLS [HOST]

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "latency.h"

namespace {

int Connect(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror("floor_client: connect");
    std::exit(1);
  }
  return fd;
}

// Reads until the head and the 1 KiB body are there.
bool ReadAnswer(int fd) {
  std::array<char, 16384> buffer;
  size_t have = 0;
  for (;;) {
    const ssize_t got = recv(fd, buffer.data() + have, buffer.size() - have, 0);
    if (got <= 0) return false;
    have += static_cast<size_t>(got);
    const std::string_view bytes(buffer.data(), have);
    const size_t end = bytes.find("\r\n\r\n");
    if (end != std::string_view::npos && have >= end + 4 + 1024) {
      return bytes.starts_with("HTTP/1.1 200");
    }
  }
}

void Work(uint16_t port, const std::string& request, int calls, bench::Run& run) {
  const int fd = Connect(port);
  run.microseconds.reserve(static_cast<size_t>(calls));
  for (int i = 0; i < calls; ++i) {
    const auto start = bench::Clock::now();
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0 || !ReadAnswer(fd)) {
      ++run.failed;
      break;
    }
    const std::chrono::duration<float, std::micro> took = bench::Clock::now() - start;
    run.microseconds.push_back(took.count());
  }
  close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const auto port = static_cast<uint16_t>(std::atoi(argv[1]));
  const int connections = std::atoi(argv[2]);
  const int calls = std::atoi(argv[3]) / connections;
  const std::string host = argc > 4 ? argv[4] : "bench.example:80";
  const std::string request = "GET /1k HTTP/1.1\r\nhost: " + host + "\r\n\r\n";

  std::vector<bench::Run> runs(static_cast<size_t>(connections));
  std::vector<std::thread> threads;
  const double cpu = bench::CpuMicroseconds();
  const auto start = bench::Clock::now();
  for (bench::Run& run : runs) threads.emplace_back([&] { Work(port, request, calls, run); });
  for (std::thread& thread : threads) thread.join();
  bench::Run all;
  all.seconds = std::chrono::duration<double>(bench::Clock::now() - start).count();
  all.cpu_us = bench::CpuMicroseconds() - cpu;
  for (bench::Run& run : runs) {
    all.failed += run.failed;
    all.microseconds.insert(all.microseconds.end(), run.microseconds.begin(),
                            run.microseconds.end());
  }
  bench::Print(all);
  return all.failed == 0 ? 0 : 1;
}
