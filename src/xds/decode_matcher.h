// SPDX-License-Identifier: Apache-2.0
// Matchers of strings, headers and query parameters.

#ifndef MESHLIB_XDS_DECODE_MATCHER_H_
#define MESHLIB_XDS_DECODE_MATCHER_H_

#include <vector>

#include "google/protobuf/repeated_ptr_field.h"
#include "meshlib/envoy/config/route/v3/route.pb.h"
#include "meshlib/envoy/type/matcher/v3/matcher.pb.h"
#include "resource/matcher.h"
#include "resource/route_config.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

// Programs of RE2 beyond this size are refused, as Istio configures its Envoys.
inline constexpr int kMaxRegexProgramSize = 32768;

// Never without a compiled regex unless it added a problem.
resource::Regex DecodeRegex(const envoy::type::matcher::v3::RegexMatcher& in,
                            DecodeContext& context);

resource::RegexRewrite DecodeRegexRewrite(
    const envoy::type::matcher::v3::RegexMatchAndSubstitute& in, DecodeContext& context);

resource::StringMatcher DecodeStringMatcher(const envoy::type::matcher::v3::StringMatcher& in,
                                            DecodeContext& context);

resource::HeaderMatcher DecodeHeaderMatcher(const envoy::config::route::v3::HeaderMatcher& in,
                                            DecodeContext& context);

// All of a repeated field of the message entered.
std::vector<resource::HeaderMatcher> DecodeHeaderMatchers(
    const google::protobuf::RepeatedPtrField<envoy::config::route::v3::HeaderMatcher>& in,
    std::string_view field, DecodeContext& context);

resource::QueryParameterMatcher DecodeQueryParameterMatcher(
    const envoy::config::route::v3::QueryParameterMatcher& in, DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_MATCHER_H_
