// SPDX-License-Identifier: Apache-2.0
// TlsClient: a RawClient that speaks TLS, for tests of servers.

#ifndef MESHLIB_TESTS_SERVER_TLS_CLIENT_H_
#define MESHLIB_TESTS_SERVER_TLS_CLIENT_H_

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "server/raw_client.h"
#include "tls/engine.h"

namespace meshlib::server {

// Blocking; gives up after 10 s without a byte. Thread-compatible.
class TlsClient final {
 public:
  TlsClient(const std::string& address, std::shared_ptr<const tls::ClientContext> context)
      : socket_(address), engine_(std::make_unique<tls::Engine>(std::move(context))) {}

  // Sends at most so many bytes at once.
  void set_step(size_t bytes) { step_ = bytes; }

  bool Handshake() {
    for (;;) {
      const tls::Engine::Step step = engine_->Handshake();
      Flush();
      if (step != tls::Engine::Step::kAgain) return step == tls::Engine::Step::kDone;
      if (!Receive()) return false;
    }
  }
  // Goes on with `bytes` that were not sent by it, below TLS.
  void SendRaw(std::string_view bytes) { socket_.Send(bytes); }
  void Send(std::string_view text) {
    engine_->Write(text);
    Flush();
  }
  RawResponse Get(const std::string& target, const std::string& fields = "") {
    Send("GET " + target + " HTTP/1.1\r\nhost: a\r\n" + fields + "\r\n");
    return Read();
  }
  // The next response.
  RawResponse Read() {
    RawResponse response;
    response.head = Until("\r\n\r\n");
    if (response.head.size() < 12) return response;
    response.status = std::stoi(response.head.substr(9, 3));
    const std::string length = RawClient::Field(response.head, "content-length");
    if (response.status < 200 || response.status == 204) return response;
    if (!length.empty()) {
      response.body = Take(std::stoul(length));
    } else if (!RawClient::Field(response.head, "transfer-encoding").empty()) {
      response.body = Until("0\r\n\r\n");
    } else {
      response.body = ReadToEnd();
    }
    return response;
  }
  // Everything until the server ends the connection.
  std::string ReadToEnd() {
    while (Fill()) {
    }
    return std::exchange(text_, {});
  }
  // Whether the server said close_notify, so that nothing is missing. After ReadToEnd().
  bool ended_well() const { return ended_well_; }
  // In one piece.
  void SendAndSayClose(std::string_view text) {
    engine_->Write(text);
    engine_->Close();
    Flush();
  }
  void Close() { socket_.Close(); }
  void EndSending() { socket_.EndSending(); }
  // Throws away what is still to come. Whether the connection then ends without a reset.
  bool EndsInPeace() {
    char bytes[16384];
    ssize_t got = 0;
    do {
      got = recv(socket_.fd(), bytes, sizeof(bytes), 0);
    } while (got > 0);
    return got == 0;
  }
  const tls::Engine& engine() const { return *engine_; }

 private:
  void Flush() {
    while (!engine_->output().empty()) {
      const std::string_view piece = engine_->output().substr(0, step_);
      socket_.Send(piece);
      engine_->Sent(piece.size());
    }
  }
  bool Receive() {
    char bytes[16384];
    ssize_t got = 0;
    do {
      got = recv(socket_.fd(), bytes, std::min(sizeof(bytes), step_), 0);
    } while (got < 0 && errno == EINTR);
    if (got > 0) engine_->Receive({bytes, static_cast<size_t>(got)});
    return got > 0;
  }
  bool Fill() {
    char bytes[16384];
    for (;;) {
      const tls::Engine::Result read = engine_->Read(bytes);
      if (read.step == tls::Engine::Step::kDone) {
        text_.append(bytes, read.bytes);
        return true;
      }
      ended_well_ = read.step == tls::Engine::Step::kEnd;
      if (read.step != tls::Engine::Step::kAgain || !Receive()) return false;
    }
  }
  std::string Until(const std::string& mark) {
    size_t at = std::string::npos;
    while ((at = text_.find(mark)) == std::string::npos) {
      if (!Fill()) return {};
    }
    return Take(at + mark.size());
  }
  std::string Take(size_t size) {
    while (text_.size() < size && Fill()) {
    }
    std::string taken = text_.substr(0, size);
    text_.erase(0, taken.size());
    return taken;
  }

  RawClient socket_;
  std::unique_ptr<tls::Engine> engine_;
  size_t step_ = 1 << 20;
  std::string text_;
  bool ended_well_ = false;
};

}  // namespace meshlib::server

#endif  // MESHLIB_TESTS_SERVER_TLS_CLIENT_H_
