// SPDX-License-Identifier: Apache-2.0
// ChainMatch: which connections of a port a filter chain is for.

#ifndef MESHLIB_SERVER_CHAIN_MATCH_H_
#define MESHLIB_SERVER_CHAIN_MATCH_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "resource/address.h"
#include "resource/cidr_range.h"

namespace meshlib::server {

// What is known of a connection before it is served. A value.
struct ConnectionFacts {
  resource::Address local;
  resource::Address remote;
  bool tls = false;
  std::string server_name;                         // of a ClientHello, in lower case
  std::vector<std::string> application_protocols;  // likewise; {"http/1.1"} for plaintext
};

// envoy.config.listener.v3.FilterChainMatch: what is empty matches everything. A value.
struct ChainMatch {
  std::optional<uint16_t> destination_port;
  std::vector<resource::CidrRange> destinations;
  std::vector<std::string> server_names;  // "a.example", "*.example"
  std::string transport_protocol;         // "tls", "raw_buffer"
  std::vector<std::string> application_protocols;

  // Whether it depends on what the client says first.
  bool LooksAtOpening() const {
    return !server_names.empty() || !transport_protocol.empty() || !application_protocols.empty();
  }
  friend bool operator==(const ChainMatch&, const ChainMatch&) = default;
};

// The index of the chain that Envoy would choose. One criterion decides after the other: port,
// address, server name, transport protocol, application protocols. Each leaves the chains that are
// most specific in it, and an earlier one is never gone back on. nullopt: none, so the Listener's
// default chain is next.
std::optional<size_t> ChooseChain(std::span<const ChainMatch> chains, const ConnectionFacts& facts);

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_CHAIN_MATCH_H_
