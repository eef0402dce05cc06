// SPDX-License-Identifier: Apache-2.0
#include "server/chain_match.h"

#include <algorithm>
#include <functional>
#include <string_view>

namespace meshlib::server {
namespace {

using Candidates = std::vector<const ChainMatch*>;
using Criterion = std::function<bool(const ChainMatch&)>;

// Leaves those that meet `criterion`, if there are any.
bool Narrow(Candidates& candidates, const Criterion& criterion) {
  Candidates kept;
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(kept),
               [&](const ChainMatch* chain) { return criterion(*chain); });
  if (kept.empty()) return false;
  candidates = std::move(kept);
  return true;
}

bool Contains(const std::vector<std::string>& values, std::string_view value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

void ByPort(Candidates& candidates, const ConnectionFacts& facts) {
  const uint16_t port = facts.local.port();
  if (Narrow(candidates, [&](const ChainMatch& c) { return c.destination_port == port; })) return;
  std::erase_if(candidates, [](const ChainMatch* c) { return c->destination_port.has_value(); });
}

// The length of the longest range that has the address; -1 when there is none.
int LongestRange(const ChainMatch& chain, const resource::Address& address) {
  int longest = -1;
  for (const resource::CidrRange& range : chain.destinations) {
    if (range.Contains(address)) longest = std::max(longest, int{range.prefix_size});
  }
  return longest;
}

void ByAddress(Candidates& candidates, const ConnectionFacts& facts) {
  int longest = -1;
  for (const ChainMatch* chain : candidates) {
    longest = std::max(longest, LongestRange(*chain, facts.local));
  }
  std::erase_if(candidates, [&](const ChainMatch* chain) {
    return longest >= 0 ? LongestRange(*chain, facts.local) != longest
                        : !chain->destinations.empty();
  });
}

void ByServerName(Candidates& candidates, const ConnectionFacts& facts) {
  const std::string_view name = facts.server_name;
  const auto named = [&](const std::string& wanted) {
    return Narrow(candidates,
                  [&](const ChainMatch& c) { return Contains(c.server_names, wanted); });
  };
  if (!name.empty() && named(std::string(name))) return;
  for (size_t dot = name.find('.', 1); dot < name.size(); dot = name.find('.', dot + 1)) {
    if (named("*" + std::string(name.substr(dot)))) return;
  }
  std::erase_if(candidates, [](const ChainMatch* c) { return !c->server_names.empty(); });
}

void ByTransport(Candidates& candidates, const ConnectionFacts& facts) {
  const std::string_view transport = facts.tls ? "tls" : "raw_buffer";
  if (Narrow(candidates, [&](const ChainMatch& c) { return c.transport_protocol == transport; })) {
    return;
  }
  std::erase_if(candidates, [](const ChainMatch* c) { return !c->transport_protocol.empty(); });
}

void ByApplicationProtocol(Candidates& candidates, const ConnectionFacts& facts) {
  for (const std::string& protocol : facts.application_protocols) {
    if (Narrow(candidates,
               [&](const ChainMatch& c) { return Contains(c.application_protocols, protocol); })) {
      return;
    }
  }
  std::erase_if(candidates, [](const ChainMatch* c) { return !c->application_protocols.empty(); });
}

}  // namespace

std::optional<size_t> ChooseChain(std::span<const ChainMatch> chains,
                                  const ConnectionFacts& facts) {
  Candidates candidates;
  for (const ChainMatch& chain : chains) candidates.push_back(&chain);
  ByPort(candidates, facts);
  ByAddress(candidates, facts);
  ByServerName(candidates, facts);
  ByTransport(candidates, facts);
  ByApplicationProtocol(candidates, facts);
  if (candidates.empty()) return std::nullopt;
  return static_cast<size_t>(candidates.front() - chains.data());
}

}  // namespace meshlib::server
