// SPDX-License-Identifier: Apache-2.0
#include "tls/engine_pair.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace meshlib::tls {
namespace {

template <typename T>
T OrDie(absl::StatusOr<T> made) {
  if (made.ok()) return *std::move(made);
  std::fprintf(stderr, "%s\n", made.status().ToString().c_str());
  std::abort();
}

std::string Send(Engine& from, Engine& to, std::string_view text, size_t piece) {
  if (from.Write(text).step != Engine::Step::kDone) return "error: " + from.error().ToString();
  std::string read;
  while (!from.output().empty()) {
    const size_t size = std::min(piece, from.output().size());
    to.Receive({from.output().data(), size});
    from.Sent(size);
    read += ReadAll(to);
  }
  return read;
}

}  // namespace

std::shared_ptr<const ClientContext> MakeClient(ClientSettings settings) {
  return OrDie(ClientContext::Create(std::move(settings)));
}

std::shared_ptr<const ServerContext> MakeServer(ServerSettings settings) {
  return OrDie(ServerContext::Create(std::move(settings)));
}

bool Carry(Engine& from, Engine& to, size_t piece) {
  const bool some = !from.output().empty();
  while (!from.output().empty()) {
    const size_t size = std::min(piece, from.output().size());
    to.Receive({from.output().data(), size});
    from.Sent(size);
    to.Handshake();
  }
  return some;
}

std::string ReadAll(Engine& engine) {
  std::string read;
  char buffer[700];
  while (true) {
    const Engine::Result result = engine.Read(buffer);
    if (result.step != Engine::Step::kDone) return read;
    read.append(buffer, result.bytes);
  }
}

bool EnginePair::Shake(size_t piece) {
  do {
    client.Handshake();
    server.Handshake();
  } while (Carry(client, server, piece) | Carry(server, client, piece));
  if (client.Handshake() != Engine::Step::kDone) return false;
  // Tickets, or the alert of a server that has seen our certificate.
  ReadAll(client);
  return client.error().ok() && server.Handshake() == Engine::Step::kDone;
}

std::string EnginePair::ToServer(std::string_view text, size_t piece) {
  return Send(client, server, text, piece);
}

std::string EnginePair::ToClient(std::string_view text, size_t piece) {
  return Send(server, client, text, piece);
}

std::string EnginePair::Errors() const {
  return "client: " + client.error().ToString() + "\nserver: " + server.error().ToString();
}

}  // namespace meshlib::tls
