// SPDX-License-Identifier: Apache-2.0
// InboundPolicy: what the configuration of a server's port says about its connections and Calls.

#ifndef MESHLIB_SERVER_INBOUND_POLICY_H_
#define MESHLIB_SERVER_INBOUND_POLICY_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "access/policy.h"
#include "resource/listener.h"
#include "server/chain_match.h"
#include "tls/context.h"

namespace meshlib::server {

// Asked at each handshake, on any loop: what it gives holds for that handshake, so that a new
// certificate or root does from the next one on. An error refuses the connection. Thread-safe.
using ServerContextSource =
    std::function<absl::StatusOr<std::shared_ptr<const tls::ServerContext>>()>;

// What holds for the connections of one filter chain. A value.
struct InboundChain {
  // Empty: plaintext.
  ServerContextSource tls{};
  // What `tls` was made of. Connections outlive a change of policy only if this stays the same.
  std::optional<resource::TlsContext> tls_settings{};
  // "listener: the chain has no HTTP": connections are closed.
  std::optional<std::string> refusal{};
  // "security: ... is not supported yet": every Call is answered with 503 and this text.
  std::optional<std::string> failure{};
  // Who may call; null: everybody who connects.
  std::shared_ptr<const access::Policy> access{};
  // Honoured: normalize_path, merge_slashes, strip_*, request_timeout, request_headers_timeout,
  // stream_idle_timeout (absent: none), idle_timeout, client_certificate,
  // use_remote_address, xff_num_trusted_hops, internal_addresses.
  resource::HttpSettings settings{};
  // Whoever calls may say what proxies of the mesh say in x-envoy-* headers.
  bool keep_internal_headers = false;
};

// A value.
struct InboundPolicy {
  std::vector<ChainMatch> matches{};   // by these
  std::vector<InboundChain> chains{};  // one of these is chosen, with the same index
  // Or this one; absent: the connection is closed.
  std::optional<InboundChain> default_chain = InboundChain{};

  // Every Call fails with this text.
  static InboundPolicy Failing(std::string reason);

  // Lives as long as this; null: none.
  const InboundChain* Choose(const ConnectionFacts& facts) const;
  // Whether a connection's first bytes must be seen before it can be served.
  bool LooksAtOpening() const;
};

// Whether a connection of the one chain may go on under the other: plaintext in both, or TLS that
// asks for the same.
bool SameTransport(const InboundChain& a, const InboundChain& b);

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_INBOUND_POLICY_H_
