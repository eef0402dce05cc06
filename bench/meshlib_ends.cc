// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tls/context.h"
#include "tls/engine.h"
#include "tls_ends.h"

namespace bench {
namespace {

using meshlib::tls::ClientContext;
using meshlib::tls::ClientSettings;
using meshlib::tls::Engine;
using meshlib::tls::KeyPair;
using meshlib::tls::ServerContext;
using meshlib::tls::TrustRoots;
using Step = Engine::Step;

struct Pair {
  Pair(std::shared_ptr<const ClientContext> client_context,
       std::shared_ptr<const ServerContext> server_context)
      : client(std::move(client_context)), server(std::move(server_context)) {}
  Engine client;
  Engine server;
};

void Move(Engine& from, Engine& to) {
  to.Receive({from.output().data(), from.output().size()});
  from.Sent(from.output().size());
}

bool ShakeHands(Pair& pair) {
  pair.client.Handshake();
  while (!pair.client.output().empty()) {
    Move(pair.client, pair.server);
    pair.server.Handshake();
    Move(pair.server, pair.client);
    pair.client.Handshake();
  }
  return pair.client.Handshake() == Step::kDone && pair.server.Handshake() == Step::kDone;
}

bool Send(Engine& from, Engine& to, const std::string& text, std::vector<char>& buffer) {
  if (from.Write(text).step != Step::kDone) return false;
  Move(from, to);
  return to.Read({buffer.data(), text.size()}).bytes == text.size();
}

class Ends final : public TlsEnds {
 public:
  Ends(ClientSettings settings, std::shared_ptr<const ServerContext> server)
      : server_(std::move(server)), buffer_(1 << 20) {
    resuming_ = *ClientContext::Create(settings);
    settings.resumes = false;
    full_ = *ClientContext::Create(settings);
    lasting_ = std::make_unique<Pair>(full_, server_);
    ShakeHands(*lasting_);
  }

  bool Handshake(bool resumed) override {
    for (int tries = 0; tries < 2; ++tries) {
      Pair pair(resumed ? resuming_ : full_, server_);
      if (!ShakeHands(pair) || !Send(pair.client, pair.server, "x", buffer_) ||
          !Send(pair.server, pair.client, "x", buffer_)) {
        return false;
      }
      if (pair.server.resumed() == resumed) return true;
    }
    return false;
  }

  bool Carry(const std::string& text) override {
    return Send(lasting_->client, lasting_->server, text, buffer_);
  }

  bool Hold() override {
    held_.push_back(std::make_unique<Pair>(full_, server_));
    Pair& pair = *held_.back();
    const std::string text(20'000, 'x');
    return ShakeHands(pair) && Send(pair.client, pair.server, text, buffer_) &&
           Send(pair.server, pair.client, text, buffer_);
  }

 private:
  const std::shared_ptr<const ServerContext> server_;
  std::shared_ptr<const ClientContext> resuming_;
  std::shared_ptr<const ClientContext> full_;
  std::unique_ptr<Pair> lasting_;
  std::vector<std::unique_ptr<Pair>> held_;
  std::vector<char> buffer_;
};

}  // namespace

std::unique_ptr<TlsEnds> MeshlibEnds(const Credentials& credentials) {
  const auto roots = *TrustRoots::FromPem(credentials.roots, "roots");
  const auto pair = [](const Identity& identity) {
    return *KeyPair::FromPem(identity.chain, identity.key, "bench");
  };
  return std::make_unique<Ends>(
      ClientSettings{.identity = pair(credentials.client), .roots = roots, .sni = "reviews"},
      *ServerContext::Create({.identity = pair(credentials.server),
                              .client_roots = roots,
                              .require_client_certificate = true}));
}

}  // namespace bench
