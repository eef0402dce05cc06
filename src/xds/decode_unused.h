// SPDX-License-Identifier: Apache-2.0
// What becomes of fields that a decoder does not read.

#ifndef MESHLIB_XDS_DECODE_UNUSED_H_
#define MESHLIB_XDS_DECODE_UNUSED_H_

#include <initializer_list>
#include <span>
#include <string_view>

#include "google/protobuf/message.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

// Reports every field of `message` that is set and not in `expected` as ignored, also those that
// are newer than our copy of the API. `expected` names what the decoder reads and what has no
// effect on Calls (statistics, tuning of Envoy's own resources).
void ReportUnused(const google::protobuf::Message& message,
                  std::span<const std::string_view> expected, DecodeContext& context);
inline void ReportUnused(const google::protobuf::Message& message,
                         std::initializer_list<std::string_view> expected, DecodeContext& context) {
  ReportUnused(message, std::span<const std::string_view>(expected.begin(), expected.size()),
               context);
}

// For messages that decide security: a field that is not in our copy of the API, at any depth, is a
// problem. Does not look into Any nor into ConfigSource.
void RequireNoUnknownFields(const google::protobuf::Message& message, DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_UNUSED_H_
