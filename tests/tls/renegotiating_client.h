// SPDX-License-Identifier: Apache-2.0
// RenegotiatingClient: a client of TLS 1.2 that asks for a renegotiation (RFC 5246
// section 7.4.1.2), which our own engines cannot do.

#ifndef MESHLIB_TESTS_TLS_RENEGOTIATING_CLIENT_H_
#define MESHLIB_TESTS_TLS_RENEGOTIATING_CLIENT_H_

#include <memory>
#include <string>

#include "tls/engine.h"

namespace meshlib::tls {

class RenegotiatingClient final {
 public:
  RenegotiatingClient();
  ~RenegotiatingClient();

  // False: the handshake has failed.
  bool Shake(Engine& server);
  // A ClientHello in a record under the keys of the connection; once. Empty: it cannot be made.
  std::string Renegotiate();

 private:
  struct Parts;
  const std::unique_ptr<Parts> parts_;
};

}  // namespace meshlib::tls

#endif  // MESHLIB_TESTS_TLS_RENEGOTIATING_CLIENT_H_
