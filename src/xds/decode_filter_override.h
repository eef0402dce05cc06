// SPDX-License-Identifier: Apache-2.0
// typed_per_filter_config: what a level of the route configuration changes of the HTTP filters.

#ifndef MESHLIB_XDS_DECODE_FILTER_OVERRIDE_H_
#define MESHLIB_XDS_DECODE_FILTER_OVERRIDE_H_

#include <optional>
#include <string>

#include "google/protobuf/any.pb.h"
#include "google/protobuf/map.h"
#include "resource/fault.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

// A value.
struct FilterOverrides {
  std::optional<resource::FaultPolicy> fault;
  // Set when a filter that decides security is configured: what Calls are to be told.
  std::optional<std::string> unusable;
};

FilterOverrides DecodeFilterOverrides(
    const google::protobuf::Map<std::string, google::protobuf::Any>& in, DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_FILTER_OVERRIDE_H_
