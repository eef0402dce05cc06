// SPDX-License-Identifier: Apache-2.0
#include "tls/engine_state.h"

#include <openssl/pool.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace meshlib::tls {
namespace {

// An idle connection keeps no more than this.
constexpr size_t kKeptCapacity = 4096;

EngineState& StateOf(BIO* bio) { return *static_cast<EngineState*>(BIO_get_data(bio)); }

int ReadInput(BIO* bio, char* buffer, int size) {
  EngineState& state = StateOf(bio);
  BIO_clear_retry_flags(bio);
  const std::string_view bytes = state.input.bytes();
  if (bytes.empty()) {
    if (state.ended) return 0;
    BIO_set_retry_read(bio);
    return -1;
  }
  const size_t moved = std::min(bytes.size(), static_cast<size_t>(size));
  std::memcpy(buffer, bytes.data(), moved);
  state.input.Drop(moved);
  return static_cast<int>(moved);
}

int WriteOutput(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  StateOf(bio).output.Append({bytes, static_cast<size_t>(size)});
  return size;
}

long Control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

}  // namespace

void ByteQueue::Drop(size_t size) {
  begin_ += size;
  if (begin_ < bytes_.size()) {
    // Moves no byte more often than it is worth.
    if (begin_ < bytes_.size() / 2 || begin_ < kKeptCapacity) return;
    bytes_.erase(0, begin_);
  } else if (bytes_.capacity() > kKeptCapacity) {
    std::string().swap(bytes_);  // an assignment would keep the memory
  } else {
    bytes_.clear();
  }
  begin_ = 0;
}

EngineState& EngineState::Of(const SSL* ssl) {
  return *static_cast<EngineState*>(SSL_get_ex_data(ssl, 0));
}

bool EngineState::Begin() {
  if (core.context == nullptr) return false;
  ssl.reset(SSL_new(core.context.get()));
  BIO* bio = BIO_new(core.bio_method.get());
  if (ssl == nullptr || bio == nullptr || SSL_set_ex_data(ssl.get(), 0, this) != 1) {
    BIO_free(bio);
    return false;
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);
  SSL_set_shed_handshake_config(ssl.get(), 1);
  return true;
}

bool EngineState::CheckPeer(uint8_t* alert) {
  PeerCheck::Verdict verdict = core.check.Check(SSL_get0_peer_certificates(ssl.get()), core.now());
  if (!verdict.status.ok()) {
    refusal = std::move(verdict.status);
    *alert = verdict.alert;
    return false;
  }
  peer_until = verdict.chain->not_after;
  const PeerCertificate* certificate = &verdict.chain->peer;
  peer = std::shared_ptr<const PeerCertificate>(std::move(verdict.chain), certificate);
  return true;
}

bssl::UniquePtr<BIO_METHOD> MakeBioMethod() {
  bssl::UniquePtr<BIO_METHOD> method(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "meshlib"));
  if (method == nullptr) return nullptr;
  BIO_meth_set_read(method.get(), ReadInput);
  BIO_meth_set_write(method.get(), WriteOutput);
  BIO_meth_set_ctrl(method.get(), Control);
  return method;
}

}  // namespace meshlib::tls
