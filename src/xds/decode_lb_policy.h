// SPDX-License-Identifier: Apache-2.0
// How a Cluster chooses endpoints.

#ifndef MESHLIB_XDS_DECODE_LB_POLICY_H_
#define MESHLIB_XDS_DECODE_LB_POLICY_H_

#include "meshlib/envoy/config/cluster/v3/cluster.pb.h"
#include "resource/cluster.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

void DecodeLbPolicy(const envoy::config::cluster::v3::Cluster& in, resource::Cluster& out,
                    DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_LB_POLICY_H_
