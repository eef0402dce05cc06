// SPDX-License-Identifier: Apache-2.0
#include "server/inbound_policy.h"

#include <algorithm>
#include <utility>

namespace meshlib::server {

InboundPolicy InboundPolicy::Failing(std::string reason) {
  InboundPolicy policy;
  policy.default_chain->failure = std::move(reason);
  return policy;
}

const InboundChain* InboundPolicy::Choose(const ConnectionFacts& facts) const {
  if (const std::optional<size_t> index = ChooseChain(matches, facts)) return &chains[*index];
  return default_chain ? &*default_chain : nullptr;
}

bool InboundPolicy::LooksAtOpening() const {
  if (default_chain && default_chain->tls) return true;
  return std::any_of(chains.begin(), chains.end(),
                     [](const InboundChain& chain) { return chain.tls != nullptr; }) ||
         std::any_of(matches.begin(), matches.end(),
                     [](const ChainMatch& match) { return match.LooksAtOpening(); });
}

bool SameTransport(const InboundChain& a, const InboundChain& b) {
  return !a.refusal && !b.refusal && (a.tls == nullptr) == (b.tls == nullptr) &&
         a.tls_settings == b.tls_settings;
}

}  // namespace meshlib::server
