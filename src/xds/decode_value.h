// SPDX-License-Identifier: Apache-2.0
// Small messages that many resources contain: durations, percentages, addresses, metadata.

#ifndef MESHLIB_XDS_DECODE_VALUE_H_
#define MESHLIB_XDS_DECODE_VALUE_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/message.h"
#include "meshlib/envoy/config/core/v3/core.pb.h"
#include "meshlib/envoy/type/v3/type.pb.h"
#include "resource/address.h"
#include "resource/cidr_range.h"
#include "resource/matcher.h"
#include "resource/origin.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

// Larger resources are refused unread.
inline constexpr size_t kMaxResourceBytes = 64u << 20;

// Parses a resource's bytes; adds an error and returns false when they are not such a message.
bool ParseResource(std::string_view bytes, google::protobuf::Message& message,
                   DecodeContext& context);

// Whole milliseconds, as Envoy reads them; negative and malformed ones are problems of `field`.
absl::Duration DecodeDuration(const google::protobuf::Duration& duration, std::string_view field,
                              DecodeContext& context);
// As DecodeDuration(), where zero is a problem too.
absl::Duration DecodePositiveDuration(const google::protobuf::Duration& duration,
                                      std::string_view field, DecodeContext& context);

resource::FractionalPercent DecodeFractionalPercent(const envoy::type::v3::FractionalPercent& in,
                                                    std::string_view field, DecodeContext& context);

// 0 to 100; anything else, NaN included, is a problem of `field`.
double DecodePercent(const envoy::type::v3::Percent& in, std::string_view field,
                     DecodeContext& context);

// IP addresses and unix sockets; nullopt with a problem for everything else.
std::optional<resource::Address> DecodeAddress(const envoy::config::core::v3::Address& in,
                                               DecodeContext& context);

// A prefix beyond the address's size is cut to it, as Envoy does; nullopt with a problem where the
// address is none.
std::optional<resource::CidrRange> DecodeCidrRange(const envoy::config::core::v3::CidrRange& in,
                                                   DecodeContext& context);

// The string at filter_metadata[`name`][`key`]; empty when there is none.
std::string MetadataString(const envoy::config::core::v3::Metadata& metadata, std::string_view name,
                           std::string_view key);

resource::Origin DecodeOrigin(const envoy::config::core::v3::Metadata& metadata);

// What Envoy's API demands of names and values of headers: no NUL, CR, LF.
bool IsHeaderText(std::string_view text);
// Adds a problem of `field` unless IsHeaderText().
void RequireHeaderText(std::string_view text, std::string_view field, DecodeContext& context);
// As RequireHeaderText(); empty text is a problem too.
void RequireHeaderName(std::string_view text, std::string_view field, DecodeContext& context);

std::string LowerCase(std::string_view text);

// Whether it is the aggregated stream itself; anything else is a problem of the field entered
// (proxyless clients have no other source).
void RequireAds(const envoy::config::core::v3::ConfigSource& source, DecodeContext& context);

// The type of what is in `any`, seen through TypedStruct: "envoy.extensions...", "istio...".
std::string ExtensionType(const google::protobuf::Any& any);

// Whether an extension of that name or type decides who may do what, so that leaving it out would
// open what was closed.
bool DecidesSecurity(std::string_view name_or_type);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_VALUE_H_
