// SPDX-License-Identifier: Apache-2.0
// EngineState: what BoringSSL's callbacks know of a connection. For this folder.

#ifndef MESHLIB_TLS_ENGINE_STATE_H_
#define MESHLIB_TLS_ENGINE_STATE_H_

#include <openssl/base.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tls/context_core.h"
#include "tls/peer_certificate.h"

namespace meshlib::tls {

// Bytes that are taken at the front and put at the back. Gives large memory back when it is empty.
class ByteQueue final {
 public:
  std::string_view bytes() const { return std::string_view(bytes_).substr(begin_); }
  void Reserve(size_t more) { bytes_.reserve(bytes_.size() + more); }
  void Append(std::string_view more) { bytes_.append(more); }
  void Drop(size_t size);

 private:
  std::string bytes_;
  size_t begin_ = 0;
};

struct EngineState {
  explicit EngineState(ContextCore& shared) : core(shared) {}

  // Of an SSL that Begin() made.
  static EngineState& Of(const SSL* ssl);
  // Makes `ssl` with the BIO that reads `input` and writes `output`. False: no memory.
  bool Begin();

  // Asks whether the peer is who it must be; called by full handshakes, and behind resumed ones.
  // Otherwise `refusal` says why not, and `alert` what the peer is told.
  bool CheckPeer(uint8_t* alert);

  ContextCore& core;
  ByteQueue input;
  ByteQueue output;
  bool ended = false;            // no more input will come
  bool established = false;      // the handshake has ended
  bool drained = false;          // reading again gives nothing before more input comes
  std::array<char, 16> first{};  // the peer's first bytes, for errors
  size_t first_size = 0;
  absl::Status error;
  absl::Status refusal;
  std::shared_ptr<const PeerCertificate> peer;
  absl::Time peer_until = absl::InfiniteFuture();  // its path is valid
  bssl::UniquePtr<SSL> ssl;
};

// The BIO between an SSL and its EngineState; null: no memory.
bssl::UniquePtr<BIO_METHOD> MakeBioMethod();

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_ENGINE_STATE_H_
