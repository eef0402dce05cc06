// SPDX-License-Identifier: Apache-2.0
// TlsConnection: the TLS of a ScriptedPeer's connection.

#ifndef MESHLIB_FAKE_TLS_PEER_H_
#define MESHLIB_FAKE_TLS_PEER_H_

#include <memory>
#include <string>
#include <utility>

#include "fake/scripted_peer.h"
#include "fake/test_ca.h"
#include "tls/engine.h"

namespace meshlib::fake {

// Blocking, on the connection's own thread.
class TlsConnection final {
 public:
  TlsConnection(PeerConnection& socket, std::shared_ptr<const tls::ServerContext> context)
      : socket_(socket), engine_(std::move(context)) {}

  // False: the client is gone, or was refused.
  bool Handshake() {
    for (;;) {
      const tls::Engine::Step step = engine_.Handshake();
      if (!Flush() || step == tls::Engine::Step::kError) return false;
      if (step == tls::Engine::Step::kDone) return true;
      if (!ReceiveMore()) return false;
    }
  }
  // The head of the next request; empty when there is none any more.
  std::string ReadRequest() {
    size_t end = std::string::npos;
    while ((end = text_.find("\r\n\r\n")) == std::string::npos) {
      char bytes[16384];
      const auto read = engine_.Read(bytes);
      if (!Flush()) return {};
      if (read.step == tls::Engine::Step::kDone) {
        text_.append(bytes, read.bytes);
      } else if (read.step != tls::Engine::Step::kAgain || !ReceiveMore()) {
        return {};
      }
    }
    std::string head = text_.substr(0, end + 4);
    text_.erase(0, end + 4);
    return head;
  }
  bool Send(const std::string& text) {
    return engine_.Write(text).step == tls::Engine::Step::kDone && Flush();
  }
  // The same with the end of TLS at once; the socket stays open.
  bool SendLast(const std::string& text) {
    if (engine_.Write(text).step != tls::Engine::Step::kDone) return false;
    engine_.Close();
    return Flush();
  }
  bool Answer(const std::string& body) {
    return Send("HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" +
                body);
  }
  void Close() {
    engine_.Close();
    Flush();
    socket_.Close();
  }
  const tls::Engine& engine() const { return engine_; }

 private:
  bool Flush() {
    const std::string out(engine_.output());
    engine_.Sent(out.size());
    return out.empty() || socket_.Send(out);
  }
  bool ReceiveMore() {
    const std::string bytes = socket_.ReadSome();
    engine_.Receive(bytes);
    return !bytes.empty();
  }

  PeerConnection& socket_;
  tls::Engine engine_;
  std::string text_;
};

// What a server shows: `identity`, and what it asks of clients.
inline tls::ServerSettings ServerOf(const TestIdentity& identity) {
  tls::ServerSettings settings;
  settings.identity = identity.pair();
  settings.alpn = {"http/1.1"};
  return settings;
}

// Answers every request with 200 and `body`, under TLS.
inline ScriptedPeer::Script AnsweringTls(tls::ServerSettings settings, std::string body) {
  auto context = tls::ServerContext::Create(std::move(settings)).value();
  return [context, body](PeerConnection& socket) {
    TlsConnection connection(socket, context);
    if (!connection.Handshake()) return;
    while (!connection.ReadRequest().empty() && connection.Answer(body)) {
    }
  };
}

}  // namespace meshlib::fake

#endif  // MESHLIB_FAKE_TLS_PEER_H_
