// SPDX-License-Identifier: Apache-2.0
// TLS: whatever a peer sends, an Engine goes on, waits or fails; how the bytes are split does not
// matter; and nothing is ever read that the peer has not written.
//
// The first byte of an input chooses the victim, the protocol version and what the rest is: bytes
// for the victim, or changes (position, position, bits) of what an honest peer sends it. The second
// byte is the size of the pieces.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fake/test_ca.h"
#include "fuzz_target.h"
#include "tls/context.h"
#include "tls/engine.h"

namespace {

using meshlib::fake::TestCa;
using meshlib::fuzz::Require;
using meshlib::tls::ClientContext;
using meshlib::tls::Engine;
using meshlib::tls::ProtocolVersion;
using meshlib::tls::ServerContext;
using Step = Engine::Step;

constexpr uint8_t kClientIsVictim = 1;
constexpr uint8_t kHonestPeer = 2;
constexpr uint8_t kTls12 = 4;
constexpr std::string_view kToVictim = "what the honest peer writes";
constexpr std::string_view kFromVictim = "what the victim writes";

struct World {
  World() {
    const TestCa ca = TestCa::Root();
    const auto identity = ca.Workload("spiffe://cluster.local/ns/default/sa/web").pair();
    for (const ProtocolVersion version : {ProtocolVersion::kTls12, ProtocolVersion::kTls13}) {
      clients.push_back(*ClientContext::Create({.identity = identity,
                                                .roots = ca.roots(),
                                                .sni = "reviews",
                                                .alpn = {"h2", "http/1.1"},
                                                .max_version = version}));
      servers.push_back(*ServerContext::Create({.identity = identity,
                                                .client_roots = ca.roots(),
                                                .require_client_certificate = true,
                                                .alpn = {"http/1.1"},
                                                .max_version = version}));
    }
  }
  std::vector<std::shared_ptr<const ClientContext>> clients;  // by version
  std::vector<std::shared_ptr<const ServerContext>> servers;
};

const World& TheWorld() {
  static const World world;
  return world;
}

// An engine on trial, and what it has read.
class Victim final {
 public:
  explicit Victim(bool is_client, size_t version, size_t piece)
      : engine_(is_client ? Engine(TheWorld().clients[version])
                          : Engine(TheWorld().servers[version])),
        piece_(piece == 0 ? std::string_view::npos : piece) {
    Advance();
  }

  void Receive(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::string_view now = bytes.substr(0, piece_);
      engine_.Receive({now.data(), now.size()});
      bytes.remove_prefix(now.size());
      Advance();
    }
  }

  void End() {
    engine_.ReceiveEnd();
    Advance();
    Require(last_ != Step::kAgain, "nobody waits behind the end");
  }

  Engine& engine() { return engine_; }
  Step last() const { return last_; }
  const std::string& read() const { return read_; }

 private:
  void Advance() {
    const bool had_failed = last_ == Step::kError;
    last_ = engine_.Handshake();
    if (last_ == Step::kDone) last_ = ReadAll();
    Require(!had_failed || last_ == Step::kError, "a failed engine stays failed");
    Require((last_ == Step::kError) == !engine_.error().ok(), "every failure has an error");
  }

  Step ReadAll() {
    char buffer[64];
    while (true) {
      const Engine::Result result = engine_.Read(buffer);
      if (result.step != Step::kDone) return result.step;
      read_.append(buffer, result.bytes);
    }
  }

  Engine engine_;
  const size_t piece_;
  Step last_ = Step::kAgain;
  std::string read_;
};

void GiveBytes(bool is_client, size_t version, size_t piece, std::string_view bytes) {
  Victim whole(is_client, version, 0);
  Victim pieces(is_client, version, piece);
  whole.Receive(bytes);
  pieces.Receive(bytes);
  Require(whole.last() == pieces.last(), "splits do not matter");
  Require(whole.read().empty() && pieces.read().empty(), "nothing is read without a handshake");
  whole.End();
  pieces.End();
}

// Changes a stream where it was told to.
class Changes final {
 public:
  explicit Changes(std::string_view rest) : rest_(rest) {}

  std::string Apply(std::string_view bytes) {
    std::string changed(bytes);
    for (size_t i = 0; i + 3 <= rest_.size(); i += 3) {
      const size_t position =
          static_cast<uint8_t>(rest_[i]) * size_t{256} + static_cast<uint8_t>(rest_[i + 1]);
      if (position < seen_ || position >= seen_ + changed.size()) continue;
      char& byte = changed[position - seen_];
      byte = static_cast<char>(byte ^ rest_[i + 2]);
      any_ = any_ || rest_[i + 2] != 0;
    }
    seen_ += changed.size();
    return changed;
  }
  bool any() const { return any_; }

 private:
  const std::string_view rest_;
  size_t seen_ = 0;
  bool any_ = false;
};

void Exchange(Victim* victim, Victim* honest, Changes* changes) {
  while (!victim->engine().output().empty() || !honest->engine().output().empty()) {
    const std::string to_honest(victim->engine().output());
    victim->engine().Sent(to_honest.size());
    honest->Receive(to_honest);
    const std::string to_victim = changes->Apply(honest->engine().output());
    honest->engine().Sent(to_victim.size());
    victim->Receive(to_victim);
  }
}

void MeetHonestPeer(bool is_client, size_t version, size_t piece, std::string_view rest) {
  Changes changes(rest);
  Victim victim(is_client, version, piece);
  Victim honest(!is_client, version, 0);
  Exchange(&victim, &honest, &changes);
  if (victim.engine().Handshake() == Step::kDone && honest.engine().Handshake() == Step::kDone) {
    victim.engine().Write(kFromVictim);
    honest.engine().Write(kToVictim);
    Exchange(&victim, &honest, &changes);
  }
  Require(kToVictim.starts_with(victim.read()), "nothing is read that was not written");
  if (changes.any()) return;
  Require(victim.read() == kToVictim && honest.read() == kFromVictim, "honest peers understand");
}

std::string Seed(uint8_t how, std::string_view rest, uint8_t piece = 0) {
  return std::string{static_cast<char>(how), static_cast<char>(piece)} + std::string(rest);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  const bool is_client = (data[0] & kClientIsVictim) != 0;
  const size_t version = (data[0] & kTls12) != 0 ? 0 : 1;
  if ((data[0] & kHonestPeer) != 0) {
    MeetHonestPeer(is_client, version, data[1], rest);
  } else {
    GiveBytes(is_client, version, data[1], rest);
  }
  return 0;
}

namespace meshlib::fuzz {

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  for (const uint8_t version : {uint8_t{0}, kTls12}) {
    const size_t index = version == 0 ? 1 : 0;
    Engine client(TheWorld().clients[index]);
    client.Handshake();
    const std::string hello(client.output());
    Engine server(TheWorld().servers[index]);
    server.Receive({hello.data(), hello.size()});
    server.Handshake();
    seeds.push_back(Seed(version, hello, 7));
    seeds.push_back(Seed(version, hello + hello));
    seeds.push_back(Seed(version | kClientIsVictim, server.output(), 100));
    seeds.push_back(Seed(version, "GET / HTTP/1.1\r\n\r\n", 1));
    seeds.push_back(Seed(version | kClientIsVictim, "HTTP/1.1 400 Bad Request\r\n\r\n", 3));
    for (const uint8_t victim : {uint8_t{0}, kClientIsVictim}) {
      seeds.push_back(Seed(version | victim | kHonestPeer, ""));
      seeds.push_back(Seed(version | victim | kHonestPeer, std::string_view("\0\x30\1", 3), 33));
      seeds.push_back(Seed(version | victim | kHonestPeer, std::string_view("\2\x30\x80", 3), 200));
    }
  }
  return seeds;
}

std::vector<std::string> Dictionary() {
  return {std::string("\x16\x03\x01\x00\x05", 5),
          std::string("\x15\x03\x03\x00\x02\x02\x28", 7),
          std::string("\x14\x03\x03\x00\x01\x01", 6),
          std::string("\x17\x03\x03\x00\x20", 5),
          std::string("\0\1\xff", 3),
          std::string("\1\0\1", 3)};
}

}  // namespace meshlib::fuzz
