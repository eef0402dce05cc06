// SPDX-License-Identifier: Apache-2.0
// ScriptedPeer: a server of few words for tests of clients, which may misbehave as it likes.

#ifndef MESHLIB_FAKE_SCRIPTED_PEER_H_
#define MESHLIB_FAKE_SCRIPTED_PEER_H_

#include <errno.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <charconv>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/fd.h"
#include "net/socket.h"

namespace meshlib::fake {

// One accepted connection, on a thread of its own. Blocking; gives up when the peer is destroyed.
class PeerConnection final {
 public:
  explicit PeerConnection(net::Fd fd, int number) : fd_(std::move(fd)), number_(number) {}

  // Counts the connections of the peer from 0.
  int number() const { return number_; }

  // The head of the next request, "GET / HTTP/1.1\r\n..."; empty when there is none any more. A
  // body with a content-length is read into body().
  std::string ReadRequest() {
    body_.clear();
    size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!ReadMore()) return {};
    }
    const std::string head = buffer_.substr(0, end + 4);
    buffer_.erase(0, end + 4);
    const size_t length = LengthOf(head);
    while (buffer_.size() < length && ReadMore()) {
    }
    body_ = buffer_.substr(0, length);
    buffer_.erase(0, body_.size());
    return head;
  }
  const std::string& body() const { return body_; }
  // Everything up to `mark`, which is included; empty when the connection ends before.
  std::string ReadUntil(const std::string& mark) {
    size_t at = std::string::npos;
    while ((at = buffer_.find(mark)) == std::string::npos) {
      if (!ReadMore()) return {};
    }
    const std::string text = buffer_.substr(0, at + mark.size());
    buffer_.erase(0, text.size());
    return text;
  }
  // What comes next, whatever it is; empty at the end.
  std::string ReadSome() {
    if (buffer_.empty()) ReadMore();
    return std::exchange(buffer_, {});
  }
  // Whether the client ends the connection, after whatever else it sends.
  bool ReadEnd() {
    while (ReadMore()) buffer_.clear();
    return true;
  }

  // False when the client is gone.
  bool Send(const std::string& text) {
    size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t put = send(fd_.get(), text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (put > 0) {
        sent += static_cast<size_t>(put);
      } else if (errno != EAGAIN || !Wait(POLLOUT)) {
        return false;
      }
    }
    return true;
  }
  bool Answer(const std::string& body) {
    return Send("HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" +
                body);
  }
  void Close() { fd_.Reset(); }
  // Ends by RST.
  void Reset() {
    const linger now{1, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    fd_.Reset();
  }
  int fd() const { return fd_ ? fd_.get() : -1; }

 private:
  static size_t LengthOf(const std::string& head) {
    const size_t at = head.find("content-length: ");
    size_t length = 0;
    if (at != std::string::npos) {
      std::from_chars(head.data() + at + 16, head.data() + head.size(), length);
    }
    return length;
  }
  bool Wait(short events) {
    if (!fd_) return false;
    pollfd waited{fd_.get(), events, 0};
    if (poll(&waited, 1, 10'000) != 1) return false;
    return (waited.revents & (POLLERR | POLLNVAL)) == 0;
  }
  bool ReadMore() {
    if (!Wait(POLLIN)) return false;
    char bytes[65536];
    const ssize_t got = recv(fd_.get(), bytes, sizeof(bytes), 0);
    if (got <= 0) return false;
    buffer_.append(bytes, static_cast<size_t>(got));
    return true;
  }

  net::Fd fd_;
  const int number_;
  std::string buffer_;
  std::string body_;
};

// Listens on `address` and runs `script` for every connection. Thread-safe.
class ScriptedPeer final {
 public:
  using Script = std::function<void(PeerConnection&)>;

  // Answers every request with 200 and `body`.
  static Script Answering(const std::string& body) {
    return [body](PeerConnection& connection) {
      while (!connection.ReadRequest().empty() && connection.Answer(body)) {
      }
    };
  }

  explicit ScriptedPeer(Script script, const std::string& address = "127.0.0.1:0")
      : script_(std::move(script)),
        listener_(net::Listen(resource::Address::FromString(address).value()).value()),
        address_(net::LocalAddress(listener_.get()).value()),
        acceptor_([this] { AcceptAll(); }) {}
  ~ScriptedPeer() { Stop(); }

  // Ends every connection and listens no more.
  void Stop() {
    if (stopping_.exchange(true)) return;
    shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    listener_.Reset();
    {
      std::lock_guard lock(mutex_);
      for (const int fd : fds_) shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
  }

  const resource::Address& address() const { return address_; }
  uint16_t port() const { return address_.port(); }
  // Accepted so far.
  int connections() const { return connections_; }

 private:
  void AcceptAll() {
    while (!stopping_) {
      pollfd waited{listener_.get(), POLLIN, 0};
      poll(&waited, 1, -1);
      auto accepted = net::Accept(listener_.get());
      if (!accepted.ok()) return;
      if (!accepted->has_value()) continue;
      const int number = connections_++;
      threads_.emplace_back([this, number, fd = std::move((*accepted)->fd)]() mutable {
        Serve(PeerConnection(std::move(fd), number));
      });
    }
  }
  void Serve(PeerConnection connection) {
    const int fd = connection.fd();
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
      fds_.push_back(fd);
    }
    script_(connection);
    // The number may belong to another connection as soon as the script has closed it.
    std::lock_guard lock(mutex_);
    std::erase(fds_, fd);
    connection.Close();
  }

  const Script script_;
  net::Fd listener_;
  const resource::Address address_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::vector<int> fds_;
  std::thread acceptor_;
};

}  // namespace meshlib::fake

#endif  // MESHLIB_FAKE_SCRIPTED_PEER_H_
