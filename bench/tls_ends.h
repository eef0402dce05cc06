// SPDX-License-Identifier: Apache-2.0
// Two ends of TLS in one thread, without sockets: what handshakes and records cost a processor.

#ifndef MESHLIB_BENCH_TLS_ENDS_H_
#define MESHLIB_BENCH_TLS_ENDS_H_

#include <cstddef>
#include <memory>
#include <string>

namespace bench {

// PEM texts.
struct Identity {
  std::string chain;
  std::string key;
};

struct Credentials {
  std::string roots;
  Identity client;
  Identity server;
};

// Mutual TLS 1.3 with P-256 certificates, X25519 and AES-128-GCM.
class TlsEnds {
 public:
  virtual ~TlsEnds() = default;
  // New ends, a handshake, one byte each way. False: it failed, or it was resumed when it must not
  // be or the other way round. The first resumed one may be preceded by a full one.
  virtual bool Handshake(bool resumed) = 0;
  // Seals and opens `text` between ends that have shaken hands already. False: it did not arrive.
  virtual bool Carry(const std::string& text) = 0;
  // Shakes hands, carries 20 kB each way, and keeps both ends.
  virtual bool Hold() = 0;
};

std::unique_ptr<TlsEnds> MeshlibEnds(const Credentials& credentials);
// The system's OpenSSL.
std::unique_ptr<TlsEnds> OpensslEnds(const Credentials& credentials);

}  // namespace bench

#endif  // MESHLIB_BENCH_TLS_ENDS_H_
