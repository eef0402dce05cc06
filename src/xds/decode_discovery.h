// SPDX-License-Identifier: Apache-2.0
// Where a Cluster's endpoints come from.

#ifndef MESHLIB_XDS_DECODE_DISCOVERY_H_
#define MESHLIB_XDS_DECODE_DISCOVERY_H_

#include "meshlib/envoy/config/cluster/v3/cluster.pb.h"
#include "resource/cluster.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

// Sets out.discovery, and out.unusable for types that are not supported.
void DecodeDiscovery(const envoy::config::cluster::v3::Cluster& in, resource::Cluster& out,
                     DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_DISCOVERY_H_
