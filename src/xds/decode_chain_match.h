// SPDX-License-Identifier: Apache-2.0
// Decoding of envoy.config.listener.v3.FilterChainMatch.

#ifndef MESHLIB_XDS_DECODE_CHAIN_MATCH_H_
#define MESHLIB_XDS_DECODE_CHAIN_MATCH_H_

#include "meshlib/envoy/config/listener/v3/listener.pb.h"
#include "resource/listener.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

// Server names as they are compared with: in lower case, ".a.example" as "*.a.example".
void DecodeChainMatch(const envoy::config::listener::v3::FilterChainMatch& in,
                      resource::FilterChain& out, DecodeContext& context);

// Whether it has conditions that are not decoded: a chain without them could take connections that
// another one is meant for.
bool HasUnknownConditions(const envoy::config::listener::v3::FilterChainMatch& in);

// No connection may meet all that two chains want, one value of each condition: Envoy cannot tell
// such chains apart, and rejects the Listener. REQUIRES: `out` has the chains of `in`, decoded.
void CheckChainsDiffer(const envoy::config::listener::v3::Listener& in,
                       const resource::Listener& out, DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_CHAIN_MATCH_H_
