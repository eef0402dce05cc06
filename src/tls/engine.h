// SPDX-License-Identifier: Apache-2.0
// Engine: one TLS connection as a function of bytes. No I/O.

#ifndef MESHLIB_TLS_ENGINE_H_
#define MESHLIB_TLS_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "tls/context.h"
#include "tls/peer_certificate.h"

namespace meshlib::tls {

// Bytes of the peer go in by Receive(), bytes for it come out of output(). After any function,
// output() may have grown. Once it has failed it stays failed; the alert is in output().
// Loop-bound: one thread at a time.
class Engine final {
 public:
  explicit Engine(std::shared_ptr<const ClientContext> context);
  explicit Engine(std::shared_ptr<const ServerContext> context);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  enum class Step : uint8_t {
    kDone,   // the handshake has ended; bytes were moved
    kAgain,  // more bytes of the peer are needed
    kEnd,    // Read only: the peer has said close_notify
    kError,  // error() says why
  };
  struct Result {
    Step step = Step::kAgain;
    size_t bytes = 0;
  };

  // Takes all of `ciphertext`.
  void Receive(std::span<const char> ciphertext);
  // The peer's side of the transport has ended: what is missing is an error of the next function.
  void ReceiveEnd();
  // Goes on with the handshake; a client begins it.
  Step Handshake();
  // Fills `plaintext` as far as there is some. REQUIRES: the handshake has ended.
  Result Read(std::span<char> plaintext);
  // Seals all of `plaintext`. REQUIRES: the handshake has ended.
  Result Write(std::string_view plaintext);
  // Says close_notify.
  void Close();

  // To be sent, and then taken away by Sent().
  std::string_view output() const;
  void Sent(size_t bytes);

  // "TLS to reviews:443: certificate expired 2 h ago (CN=...)": stage, subject and cause, no
  // secrets. UNAUTHENTICATED: certificates are to blame, the peer's or ours; UNAVAILABLE: anything
  // else.
  const absl::Status& error() const;
  // Since the handshake has ended.
  std::string_view alpn() const;         // empty: none
  std::string_view version() const;      // "TLSv1.3"
  std::string_view server_name() const;  // server side: the SNI, or empty
  bool resumed() const;
  // Null: the peer has shown no certificate. Verified, unless roots are null. Shared by the
  // connections to one peer.
  const std::shared_ptr<const PeerCertificate>& peer() const;

 private:
  struct Parts;
  const std::unique_ptr<Parts> parts_;
};

}  // namespace meshlib::tls

#endif  // MESHLIB_TLS_ENGINE_H_
