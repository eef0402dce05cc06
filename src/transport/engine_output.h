// SPDX-License-Identifier: Apache-2.0
// SendOutput: what TLS has to say goes to its socket.

#ifndef MESHLIB_TRANSPORT_ENGINE_OUTPUT_H_
#define MESHLIB_TRANSPORT_ENGINE_OUTPUT_H_

#include <array>
#include <string_view>

#include "net/byte_stream.h"
#include "tls/engine.h"

namespace meshlib::transport {

// Sends the output of `engine` to `socket`. kDone: all of it. kAgain, kError: as of the socket;
// what it did not take stays with the engine.
inline net::IoResult::Kind SendOutput(tls::Engine& engine, net::ByteStream& socket) {
  while (!engine.output().empty()) {
    const std::string_view output = engine.output();
    const std::array<iovec, 1> piece = {iovec{const_cast<char*>(output.data()), output.size()}};
    const net::IoResult result = socket.Write(piece);
    if (result.kind != net::IoResult::Kind::kDone) return result.kind;
    engine.Sent(result.bytes);
  }
  return net::IoResult::Kind::kDone;
}

}  // namespace meshlib::transport

#endif  // MESHLIB_TRANSPORT_ENGINE_OUTPUT_H_
