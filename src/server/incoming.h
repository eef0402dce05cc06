// SPDX-License-Identifier: Apache-2.0
// Incoming: a connection that can be served.

#ifndef MESHLIB_SERVER_INCOMING_H_
#define MESHLIB_SERVER_INCOMING_H_

#include <memory>
#include <string>

#include "net/byte_stream.h"
#include "server/chain_match.h"
#include "server/inbound_policy.h"
#include "tls/context.h"
#include "tls/engine.h"

namespace meshlib::server {

struct Incoming {
  std::unique_ptr<net::ByteStream> stream;
  ConnectionFacts facts;
  std::shared_ptr<const InboundChain> chain;  // keeps its InboundPolicy
  std::string first_bytes{};                  // read already
  // With TLS: of the stream, and what its certificate comes from.
  const tls::Engine* engine = nullptr;
  std::shared_ptr<const tls::ServerContext> context{};
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_INCOMING_H_
