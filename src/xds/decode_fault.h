// SPDX-License-Identifier: Apache-2.0
// Fault injection.

#ifndef MESHLIB_XDS_DECODE_FAULT_H_
#define MESHLIB_XDS_DECODE_FAULT_H_

#include <string_view>

#include "google/protobuf/any.pb.h"
#include "resource/fault.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

inline constexpr std::string_view kFaultFilterType =
    "envoy.extensions.filters.http.fault.v3.HTTPFault";

// REQUIRES: ExtensionType(any) is kFaultFilterType.
resource::FaultPolicy DecodeFault(const google::protobuf::Any& any, DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_FAULT_H_
