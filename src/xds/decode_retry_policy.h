// SPDX-License-Identifier: Apache-2.0
// Retry policies of routes and virtual hosts.

#ifndef MESHLIB_XDS_DECODE_RETRY_POLICY_H_
#define MESHLIB_XDS_DECODE_RETRY_POLICY_H_

#include "meshlib/envoy/config/route/v3/route.pb.h"
#include "resource/retry_policy.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

resource::RetryPolicy DecodeRetryPolicy(const envoy::config::route::v3::RetryPolicy& in,
                                        DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_RETRY_POLICY_H_
