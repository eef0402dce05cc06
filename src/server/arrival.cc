// SPDX-License-Identifier: Apache-2.0
#include "server/arrival.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/string_view.h"
#include "net/socket_stream.h"
#include "server/incoming.h"
#include "server/loop_server.h"

namespace meshlib::server {
namespace {

using transport::Opening;

constexpr std::string_view kHttp11 = "http/1.1";

// No more is read of a client whose handshake was refused.
constexpr size_t kMostOfARefusedClient = 256 * 1024;

}  // namespace

Arrival::Arrival(LoopServer& server, net::Fd fd, ConnectionFacts facts)
    : server_(server),
      fd_(std::move(fd)),
      facts_(std::move(facts)),
      deadline_(server.loop().Now() + server.serving().options.handshake_timeout),
      drain_timer_(server.loop().timers(), [this] { Close(); }),
      first_bytes_(std::make_unique<transport::FirstBytes>(server.loop())) {}

void Arrival::Start() {
  first_bytes_->Start(
      std::make_unique<net::SocketStream>(std::move(fd_)),
      server_.serving().options.handshake_timeout,
      [this](absl::StatusOr<transport::OpenedConnection> opened) { OnOpened(std::move(opened)); });
}

void Arrival::Drain(absl::Time until) { drain_timer_.ArmAt(until); }

void Arrival::Close() {
  if (std::exchange(ended_, true)) return;
  drain_timer_.Cancel();
  first_bytes_.reset();
  handshake_.reset();
  goodbye_.reset();
  server_.Drop(*this);
}

void Arrival::OnOpened(absl::StatusOr<transport::OpenedConnection> opened) {
  if (!opened.ok()) {
    // Health checks connect and leave.
    if (absl::IsCancelled(opened.status())) return Close();
    return Refuse(Refusal::kOpening, base::StdView(opened.status().message()));
  }
  facts_.tls = opened->opening.kind == Opening::Kind::kTls;
  if (facts_.tls) {
    facts_.server_name = opened->opening.hello.server_name;
    facts_.application_protocols = opened->opening.hello.application_protocols;
  } else {
    facts_.application_protocols = {std::string(kHttp11)};
  }
  chain_ = server_.Choose(facts_);
  if (chain_ == nullptr) return Refuse(Refusal::kChain, "no filter chain is for it");
  if (chain_->refusal) return Refuse(Refusal::kChain, *chain_->refusal);
  if (chain_->tls && !facts_.tls) return Refuse(Refusal::kPlaintext, "plaintext where TLS is due");
  if (!chain_->tls && facts_.tls) return Refuse(Refusal::kTls, "TLS where plaintext is due");
  if (chain_->tls) return StartHandshake(*std::move(opened));
  ended_ = true;
  drain_timer_.Cancel();
  server_.Serve(*this, {.stream = std::move(opened->socket),
                        .facts = std::move(facts_),
                        .chain = std::move(chain_),
                        .first_bytes = std::move(opened->bytes)});
}

void Arrival::StartHandshake(transport::OpenedConnection opened) {
  absl::StatusOr<std::shared_ptr<const tls::ServerContext>> context = chain_->tls();
  if (!context.ok()) {
    return Refuse(Refusal::kCertificate, base::StdView(context.status().message()));
  }
  context_ = *std::move(context);
  auto engine = std::make_unique<tls::Engine>(context_);
  engine->Receive(std::span<const char>(opened.bytes));
  handshake_ = std::make_unique<transport::TlsHandshake>(server_.loop());
  handshake_->Start(std::move(opened.socket), std::move(engine),
                    std::max(deadline_ - server_.loop().Now(), absl::ZeroDuration()),
                    [this](absl::StatusOr<std::unique_ptr<transport::TlsStream>> stream) {
                      OnSecured(std::move(stream));
                    });
}

void Arrival::OnSecured(absl::StatusOr<std::unique_ptr<transport::TlsStream>> stream) {
  if (!stream.ok()) return RefuseHandshake(stream.status());
  // The policy may have changed meanwhile.
  std::shared_ptr<const InboundChain> chain = server_.Choose(facts_);
  if (chain == nullptr || !SameTransport(*chain, *chain_)) {
    return Refuse(Refusal::kChain, "the policy changed during the handshake");
  }
  ended_ = true;
  drain_timer_.Cancel();
  const tls::Engine* engine = &(*stream)->engine();
  server_.Serve(*this, {.stream = *std::move(stream),
                        .facts = std::move(facts_),
                        .chain = std::move(chain),
                        .engine = engine,
                        .context = std::move(context_)});
}

// A client of TLS 1.3 sends its request with the end of its handshake, and learns only from an
// alert that it was refused.
void Arrival::RefuseHandshake(const absl::Status& reason) {
  server_.serving().ReportRefusal(Refusal::kHandshake, facts_.remote,
                                  base::StdView(reason.message()), server_.loop().Now());
  goodbye_ = std::make_unique<transport::LingeringClose>(server_.loop());
  goodbye_->Start(handshake_->TakeSocket(), {.most_thrown_away = kMostOfARefusedClient},
                  [this] { Close(); });
}

void Arrival::Refuse(Refusal kind, std::string_view reason) {
  server_.serving().ReportRefusal(kind, facts_.remote, reason, server_.loop().Now());
  Close();
}

}  // namespace meshlib::server
