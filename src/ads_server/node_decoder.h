// SPDX-License-Identifier: Apache-2.0
// DecodeNode: who is on the other side of an ADS stream.

#ifndef MESHLIB_ADS_SERVER_NODE_DECODER_H_
#define MESHLIB_ADS_SERVER_NODE_DECODER_H_

#include "ads_server/resource_source.h"
#include "meshlib/envoy/config/core/v3/core.pb.h"

namespace meshlib::ads_server {

// Never fails: what a node does not say, or says in another form than Istio's, stays at its
// default, so that plain xDS clients are served too.
Node DecodeNode(const envoy::config::core::v3::Node& message);

}  // namespace meshlib::ads_server

#endif  // MESHLIB_ADS_SERVER_NODE_DECODER_H_
