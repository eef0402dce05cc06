// SPDX-License-Identifier: Apache-2.0
#include "transport/tls_stream.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "transport/engine_output.h"

namespace meshlib::transport {
namespace {

using net::ByteStream;
using net::IoResult;
using tls::Engine;

// The largest record with its header and its seal (RFC 8446 section 5.2): no more than that can be
// in the engine without being readable.
constexpr size_t kMostHeld = 16 * 1024 + 256 + 5;
// Reading less than this from the socket is not worth a system call: it waits for the next Read().
constexpr size_t kLeastReceive = 4096;
constexpr size_t kMostSealed = 64 * 1024;

std::string_view Bytes(const iovec& piece) {
  return {static_cast<const char*>(piece.iov_base), piece.iov_len};
}

}  // namespace

TlsStream::TlsStream(std::unique_ptr<net::ByteStream> socket, std::unique_ptr<tls::Engine> engine)
    : socket_(std::move(socket)), engine_(std::move(engine)) {}

IoResult TlsStream::Read(std::span<char> buffer) { return ReadBy(&ByteStream::Read, buffer); }

IoResult TlsStream::Await(std::span<char> buffer) { return ReadBy(&ByteStream::Await, buffer); }

// The buffer takes ciphertext first and then what that decrypts to, which is always less. Never is
// more received than there is room for when all that the engine holds comes out as well.
IoResult TlsStream::ReadBy(SocketRead read, std::span<char> buffer) {
  MESHLIB_DCHECK(buffer.size() >= kLeastRead);
  size_t filled = 0;
  Engine::Step step = Decrypt(buffer, &filled);
  while (step == Engine::Step::kAgain) {
    const std::span<char> room = buffer.subspan(filled);
    if (room.size() < kMostHeld + kLeastReceive) break;
    const std::span<char> scratch = room.first(room.size() - kMostHeld);
    const IoResult::Kind kind = Receive(std::exchange(read, &ByteStream::Read), scratch);
    if (kind == IoResult::Kind::kError) return {kind, 0};
    step = Decrypt(buffer, &filled);
    if (kind == IoResult::Kind::kAgain) break;
  }
  read_ended_ = step == Engine::Step::kEnd || step == Engine::Step::kError;
  // What TLS itself has to say; it goes out with the next Write() otherwise. A peer that takes no
  // more may have answered before.
  const bool broken =
      !engine_->output().empty() && SendOutput(*engine_, *socket_) == IoResult::Kind::kError;
  if (filled > 0) return {IoResult::Kind::kDone, filled};
  switch (step) {
    case Engine::Step::kEnd:
      return {IoResult::Kind::kEof, 0};
    case Engine::Step::kError:
      return {IoResult::Kind::kError, 0};
    default:
      return {broken ? IoResult::Kind::kError : IoResult::Kind::kAgain, 0};
  }
}

Engine::Step TlsStream::Decrypt(std::span<char> buffer, size_t* filled) {
  while (*filled < buffer.size()) {
    const Engine::Result result = engine_->Read(buffer.subspan(*filled));
    if (result.step != Engine::Step::kDone) return result.step;
    *filled += result.bytes;
  }
  return Engine::Step::kDone;
}

// kDone: there may be more. kAgain: there is not, for now.
IoResult::Kind TlsStream::Receive(SocketRead read, std::span<char> scratch) {
  if (peer_ended_) return IoResult::Kind::kAgain;
  const IoResult result = (*socket_.*read)(scratch);
  switch (result.kind) {
    case IoResult::Kind::kDone:
      engine_->Receive(scratch.first(result.bytes));
      return result.bytes < scratch.size() ? IoResult::Kind::kAgain : IoResult::Kind::kDone;
    case IoResult::Kind::kEof:
      peer_ended_ = true;
      engine_->ReceiveEnd();
      return IoResult::Kind::kAgain;
    default:
      return result.kind;
  }
}

IoResult TlsStream::Write(std::span<const iovec> pieces) {
  if (sealed_ == 0 && !Seal(pieces)) return {IoResult::Kind::kError, 0};
  const IoResult::Kind kind = SendOutput(*engine_, *socket_);
  if (kind != IoResult::Kind::kDone) return {kind, 0};
  return {kind, std::exchange(sealed_, 0)};
}

bool TlsStream::Seal(std::span<const iovec> pieces) {
  for (const iovec& piece : pieces) {
    const std::string_view bytes = Bytes(piece).substr(0, kMostSealed - sealed_);
    if (bytes.empty()) continue;
    if (engine_->Write(bytes).step != Engine::Step::kDone) return false;
    sealed_ += bytes.size();
  }
  return true;
}

bool TlsStream::IsSilent() {
  std::array<char, kLeastReceive> bytes;
  IoResult::Kind kind = IoResult::Kind::kDone;
  while (kind == IoResult::Kind::kDone) kind = Receive(&ByteStream::Read, bytes);
  if (kind == IoResult::Kind::kError) return false;
  // Also when the socket's peer has left: an alert that came before tells why.
  char byte = 0;
  if (engine_->Read({&byte, 1}).step != Engine::Step::kAgain) return false;
  return !peer_ended_ &&
         (engine_->output().empty() || SendOutput(*engine_, *socket_) != IoResult::Kind::kError);
}

bool TlsStream::CloseWrite() {
  if (!std::exchange(said_close_, true)) engine_->Close();
  if (SendOutput(*engine_, *socket_) == IoResult::Kind::kAgain) return false;
  return socket_->CloseWrite();
}

absl::Status TlsStream::error() const {
  return engine_->error().ok() ? socket_->error() : engine_->error();
}

}  // namespace meshlib::transport
